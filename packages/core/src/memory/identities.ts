import type { Identity, IdentityFilter, IdentityStore } from '../plugin.ts'
import { lastOfUse } from '../plugin.ts'
import { removeIdentity } from './cascade.ts'
import { copyOf } from './copy.ts'
import { keyOf } from './key.ts'
import { createRecordStore, nextRevision } from './record-store.ts'
import { isWanted, select } from './select.ts'
import { groups } from './shapes.ts'
import { oneOf } from './table.ts'
import type { Tables } from './tables.ts'

/** Creates the store of identities. */
export function createIdentities(tables: Tables): IdentityStore {
  const { identities, unusedNotes, journal } = tables
  return {
    ...createRecords(tables),
    async unused(since, limit) {
      const unused = [...select(identities.all(), (row) => isUntold(tables, row, since))]
      return copyOf(unused.slice(0, limit))
    },
    async noteUnused({ organization, id, since, now }, events) {
      const row = identityIn(tables, organization, id)
      if (row === undefined || !isUntold(tables, row, since)) return false
      unusedNotes.put({ organization, identity: id, at: new Date(now) })
      journal.append(events)
      return true
    },
  }
}

function createRecords(tables: Tables): Omit<IdentityStore, 'unused' | 'noteUnused'> {
  return createRecordStore(
    {
      table: tables.identities,
      find: (organization, id) => identityIn(tables, organization, id),
      admits: (row) => admits(tables, row),
      revise: (row, stored) => withLastLogin(nextRevision(row, stored), stored.lastLoginAt),
      remove: (row) => removeIdentity(tables, row),
      select: (filter) =>
        select(
          candidates(tables, filter),
          (row) =>
            matches(row, filter) && has(tables, row, filter) && isFoundIn(tables, row, filter),
        ),
      nameOf: ({ name }) => name,
    },
    tables,
  )
}

/** Finds an identity of one organization; an id of another one answers like an unknown one. */
export function identityIn(tables: Tables, organization: string, id: string): Identity | undefined {
  const row = tables.identities.get(id)
  return row?.organization === organization ? row : undefined
}

/** Notes a login, unless a later one is known. A statistic is no revision, and a revision does not turn it back. */
export function withLastLogin<Row extends Identity | undefined>(
  row: Row,
  lastLoginAt: Date | undefined,
): Row {
  if (row === undefined || lastLoginAt === undefined) return row
  if (row.lastLoginAt !== undefined && row.lastLoginAt >= lastLoginAt) return row
  return { ...row, lastLoginAt }
}

function admits(
  { organizations, projects, identities }: Tables,
  { id, organization, project, slug }: Identity,
): boolean {
  if (organizations.get(organization) === undefined) return false
  if (project !== undefined && projects.get(keyOf(organization, project)) === undefined)
    return false
  if (slug === undefined) return true
  const owner = oneOf(identities.in(groups.slug(organization, slug)))
  return owner === undefined || owner.id === id
}

function candidates(
  { identities }: Tables,
  { organization, project, slug }: IdentityFilter,
): Iterable<Identity> {
  if (slug !== undefined) return identities.in(groups.slug(organization, slug))
  if (project !== undefined) return identities.in(groups.project(organization, project))
  return identities.in(groups.organization(organization))
}

function matches(row: Identity, filter: IdentityFilter): boolean {
  const { project, name, owner, disabled, metadata = {}, unusedSince } = filter
  if (!isWanted(project, row.project)) return false
  if (!isWanted(name, row.name) || !isWanted(owner, row.owner)) return false
  if (!isWanted(disabled, row.disabled)) return false
  if (unusedSince !== undefined && !isUnusedSince(row, unusedSince)) return false
  return Object.entries(metadata).every(
    ([key, value]) => Object.hasOwn(row.metadata, key) && row.metadata[key] === value,
  )
}

function isUnusedSince({ createdAt, lastLoginAt }: Identity, instant: Date): boolean {
  return createdAt < instant && (lastLoginAt === undefined || lastLoginAt < instant)
}

/** Whether an identity is of no use, and nobody was told since it last was. */
function isUntold({ unusedNotes }: Tables, row: Identity, since: Date): boolean {
  if (row.disabled || !isUnusedSince(row, since)) return false
  const noted = unusedNotes.get(row.id)
  return noted === undefined || noted.at < lastOfUse(row)
}

function has({ authMethods }: Tables, row: Identity, { method }: IdentityFilter): boolean {
  if (method === undefined) return true
  return authMethods.get(keyOf(row.organization, row.id, method)) !== undefined
}

function isFoundIn({ roleBindings }: Tables, row: Identity, { foundIn }: IdentityFilter): boolean {
  if (foundIn === undefined || row.project === foundIn) return true
  const { organization, id } = row
  const bindings = roleBindings.in(groups.subject(organization, { kind: 'identity', id }))
  return [...bindings].some(({ project }) => project === foundIn)
}
