import type { CredentialKey, CredentialStore, UseStatistic } from '@countersign/core/plugin'
import type { AnyCredential, CredentialAnswer, CredentialKind } from '../credential.ts'
import { toCredential, valuesOf } from '../credential.ts'
import type { Db } from '../db.ts'
import { does, readOne } from '../db.ts'
import { equal, readPage } from '../page.ts'
import { fromEvents } from '../records.ts'
import type { Value } from '../statement.ts'
import * as statements from '../statements/credentials.ts'
import { credentialOf } from '../statements/parts.ts'

/** Creates the store of one kind of credential. */
export function createCredentialStore<Credential extends AnyCredential>(
  db: Db,
  kind: CredentialKind,
  nameOf: (credential: Credential) => string,
): CredentialStore<Credential> {
  const toRow = (answer: CredentialAnswer): Credential => toCredential<Credential>(answer)
  const listing = { table: 'credentials', answer: credentialOf('t'), name: 'name', toRow, nameOf }

  return {
    insert: (credential, { value, rootKey }, events) =>
      does(db, statements.insertCredential, [
        ...valuesOf(credential),
        value,
        rootKey,
        fromEvents(events),
      ]),
    find: async (organization, id) =>
      readCredential(toRow, await readOne(db, statements.findCredential, [id, organization, kind])),
    page: ({ filter: { organization, identity }, ...query }) =>
      readPage(db, listing, query, equal({ organization, identity, kind })),
    async revoke(key, revocation, events) {
      const values = [key.id, key.organization, kind, revocation.at.getTime()]
      const revoked = await readOne<CredentialAnswer>(db, statements.revokeCredential, [
        ...values,
        JSON.stringify(revocation),
        ...markOf(key),
        fromEvents(events),
      ])
      return readCredential(toRow, revoked)
    },
    remove: (key, events) =>
      does(db, statements.removeCredential, [
        key.id,
        key.organization,
        kind,
        ...markOf(key),
        fromEvents(events),
      ]),
    async expiring({ within, now }, limit) {
      const values = [kind, now.getTime(), within * 1000, limit]
      const answer = await readOne<ExpiringAnswer>(db, statements.findExpiring, values)
      return { count: answer?.count ?? 0, untold: (answer?.untold ?? []).map(toRow) }
    },
    noteExpiry: ({ organization, id }, within, events) =>
      does(db, statements.noteExpiry, [id, organization, kind, within * 1000, fromEvents(events)]),
    async record(uses) {
      if (uses.length > 0) await db.ask(statements.recordUses, [kind, ...columnsOf(uses)])
    },
  }
}

interface ExpiringAnswer {
  readonly count: number
  readonly untold: readonly CredentialAnswer[]
}

/** Reads a credential, where there is one. */
export function readCredential<Credential>(
  toRow: (answer: CredentialAnswer) => Credential,
  answer: CredentialAnswer | undefined,
): Credential | undefined {
  return answer === undefined ? undefined : toRow(answer)
}

function markOf({ mark }: CredentialKey): readonly Value[] {
  return [mark?.organization, mark?.id, mark?.until.getTime()]
}

function columnsOf(uses: readonly UseStatistic[]): readonly Value[] {
  return [
    uses.map(({ organization }) => organization),
    uses.map(({ identity }) => identity),
    uses.map(({ credential = '' }) => credential),
    uses.map((use) => use.uses),
    uses.map(({ firstUsedAt }) => firstUsedAt.getTime()),
    uses.map(({ lastUsedAt }) => lastUsedAt.getTime()),
  ]
}
