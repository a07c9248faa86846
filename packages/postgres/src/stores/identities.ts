import type { Identity, IdentityFilter, IdentityStore, RecordStore } from '@countersign/core/plugin'
import { joinWithLengths } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { does, readAll } from '../db.ts'
import type { Wanted } from '../page.ts'
import { equal } from '../page.ts'
import type { IdentityAnswer } from '../records.ts'
import { fromEvents, toIdentity } from '../records.ts'
import type { Value } from '../statement.ts'
import * as statements from '../statements/identities.ts'
import { identityOf } from '../statements/parts.ts'
import { createRecordStore } from './record-store.ts'

/** Creates the store of identities. */
export function createIdentities(db: Db): IdentityStore {
  return {
    ...createRecords(db),
    async unused(since, limit) {
      const values = [since.getTime(), limit]
      return (await readAll<IdentityAnswer>(db, statements.findUnused, values)).map(toIdentity)
    },
    noteUnused: ({ organization, id, since, now }, events) =>
      does(db, statements.noteUnused, [
        id,
        organization,
        since.getTime(),
        now.getTime(),
        fromEvents(events),
      ]),
  }
}

function createRecords(db: Db): RecordStore<Identity, readonly [string, string], IdentityFilter> {
  return createRecordStore<Identity, readonly [string, string], IdentityAnswer, IdentityFilter>(
    db,
    {
      find: statements.findIdentity,
      insert: statements.insertIdentity,
      replace: statements.replaceIdentity,
      remove: statements.removeIdentity,
      valuesOf,
      table: 'identities',
      answer: identityOf('t'),
      name: 'name',
      toRow: toIdentity,
      nameOf: ({ name }) => name,
      select,
    },
  )
}

function valuesOf(row: Identity): readonly Value[] {
  const { lastLoginAt, ...record } = row
  return [
    row.id,
    row.organization,
    row.project,
    row.name,
    row.slug,
    row.owner,
    entriesOf(row.metadata),
    row.disabled,
    row.generation,
    row.revision,
    row.createdAt.getTime(),
    lastLoginAt?.getTime(),
    JSON.stringify(record),
  ]
}

function select(filter: IdentityFilter): readonly Wanted[] {
  const { organization, project, name, slug, owner, disabled } = filter
  const { metadata, method, unusedSince, foundIn } = filter
  return [
    ...equal({ organization, project, name, slug, owner, disabled }),
    ...given(metadata, 't.metadata @> ?::text[]', entriesOf),
    ...given(
      method,
      'EXISTS (SELECT FROM @auth_methods m WHERE m.identity = t.id AND m.method = ?)',
    ),
    ...given(foundIn, FOUND_IN, (project) => [organization, project]),
    ...given(unusedSince, 't.created_at < ?', (instant) => instant.getTime()),
    ...given(unusedSince, 'coalesce(t.last_login_at < ?, true)', (instant) => instant.getTime()),
  ]
}

/** Who belongs to a project alone, or holds something in it. */
const FOUND_IN = `(t.project = (?::text[])[2] OR t.id IN (
    SELECT b.identity FROM @role_bindings b
    WHERE b.organization = (?::text[])[1] AND b.project = (?::text[])[2]
  ))`

function given<T>(
  wanted: T | undefined,
  sql: string,
  toValue: (wanted: T) => Value = (value) => value as Value,
): readonly Wanted[] {
  return wanted === undefined ? [] : [[sql, toValue(wanted)]]
}

/** Each entry as one text: no other key and value make the same one. */
function entriesOf(metadata: Identity['metadata']): readonly string[] {
  return Object.entries(metadata).map((entry) => joinWithLengths(entry))
}
