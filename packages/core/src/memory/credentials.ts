import type {
  CredentialFilter,
  CredentialKey,
  CredentialStore,
  Digest,
  Event,
  PageOf,
  PageQuery,
  StoredCredential,
  UseStatistic,
} from '../plugin.ts'
import { earliest } from '../plugin.ts'
import { authMethodOf } from './auth-methods.ts'
import { copyOf } from './copy.ts'
import { identityIn, withLastLogin } from './identities.ts'
import { pageOf } from './order.ts'
import { markRevoked } from './revocations.ts'
import type { AnyCredential, CredentialRow } from './rows.ts'
import { groups } from './shapes.ts'
import { oneOf } from './table.ts'
import type { Tables } from './tables.ts'

/** What tells one kind of credential from the other. */
export interface CredentialKind<Credential extends AnyCredential> {
  includes(credential: StoredCredential): credential is Credential
  /** The value that a list by name is ordered by. */
  nameOf(credential: Credential): string
}

/** Creates the store of one kind of credential, but for what it knows of those that end soon. */
export function createCredentialStore<Credential extends AnyCredential>(
  tables: Tables,
  kind: CredentialKind<Credential>,
): Omit<CredentialStore<Credential>, 'expiring' | 'noteExpiry'> {
  const { credentials, journal } = tables
  return {
    async insert(credential, digest, events) {
      if (!admits(tables, credential, digest)) return false
      credentials.put(copyOf({ credential, digest }))
      journal.append(events)
      return true
    },
    find: async (organization, id) =>
      copyOf(credentialIn(tables, kind, { organization, id })?.credential),
    page: async (query) => copyOf(page(tables, kind, query)),
    async revoke(key, revocation, events) {
      const row = credentialIn(tables, kind, key)
      if (row === undefined) return undefined
      if (row.credential.revoked !== undefined) {
        if (key.mark !== undefined && markRevoked(tables, key.mark)) journal.append(events)
        return copyOf(row.credential)
      }
      const credential = { ...row.credential, revoked: copyOf(revocation) }
      credentials.put({ ...row, credential })
      settle(tables, key, events)
      return copyOf(credential)
    },
    async remove(key, events) {
      if (credentialIn(tables, kind, key) === undefined) return false
      credentials.delete(key.id)
      settle(tables, key, events)
      return true
    },
    async record(statistics) {
      for (const statistic of statistics) record(tables, kind, statistic)
    },
  }
}

/** Finds a credential of one kind and organization; any other id answers like an unknown one. */
export function credentialIn<Credential extends AnyCredential>(
  { credentials }: Tables,
  { includes }: Pick<CredentialKind<Credential>, 'includes'>,
  { organization, id }: Pick<CredentialKey, 'organization' | 'id'>,
): CredentialRow<Credential> | undefined {
  const row = credentials.get(id)
  if (row === undefined || row.credential.organization !== organization) return undefined
  const { credential } = row
  return includes(credential) ? { ...row, credential } : undefined
}

/** Finds the credentials that digests name: one for each digest at the most. */
export function credentialsOf(
  { credentials }: Tables,
  digests: readonly Digest[],
): readonly CredentialRow[] {
  return digests.flatMap(({ value }) => oneOf(credentials.in(groups.digest(value))) ?? [])
}

/** Tells whether a credential may be stored: its names are free, and its auth method is there. */
export function admits(tables: Tables, credential: AnyCredential, digest: Digest): boolean {
  const { organization, identity, authMethod, id } = credential
  if (tables.credentials.get(id) !== undefined) return false
  if (credentialsOf(tables, [digest]).length > 0) return false
  return authMethodOf(tables, { organization, id: identity }, authMethod) !== undefined
}

/** Counts one use of a limited credential; uses of an unlimited one are a statistic, and come in through `record`. */
export function countUse(tables: Tables, row: CredentialRow, now: Date): void {
  const { credential } = row
  if (credential.maxUses === undefined) return
  const uses = credential.uses + 1
  const firstUsedAt = new Date(credential.firstUsedAt ?? now)
  const used = { ...credential, uses, firstUsedAt, lastUsedAt: new Date(now) }
  tables.credentials.put({ ...row, credential: used })
}

/** Gives a credential a new digest, unless another one has it. */
export function redigest(tables: Tables, id: string, digest: Digest): void {
  const row = tables.credentials.get(id)
  if (row !== undefined && credentialsOf(tables, [digest]).length === 0)
    tables.credentials.put({ ...row, digest: { ...digest } })
}

function page<Credential extends AnyCredential>(
  { credentials }: Tables,
  { includes, nameOf }: CredentialKind<Credential>,
  query: PageQuery<CredentialFilter>,
): PageOf<Credential> {
  const { organization, identity } = query.filter
  const rows: Credential[] = []
  for (const { credential } of credentials.in(groups.identity(identity)))
    if (credential.organization === organization && includes(credential)) rows.push(credential)
  return pageOf(rows, query, (credential) => ({
    value: query.order === 'id' ? credential.id : nameOf(credential),
    id: credential.id,
  }))
}

function settle(tables: Tables, { mark }: CredentialKey, events: readonly Event[]): void {
  if (mark !== undefined) markRevoked(tables, mark)
  tables.journal.append(events)
}

function record<Credential extends AnyCredential>(
  tables: Tables,
  kind: CredentialKind<Credential>,
  { organization, identity, credential: id, ...statistic }: UseStatistic,
): void {
  const owner = identityIn(tables, organization, identity)
  if (owner !== undefined)
    tables.identities.put(withLastLogin(owner, new Date(statistic.lastUsedAt)))
  const row = id === undefined ? undefined : credentialIn(tables, kind, { organization, id })
  if (row === undefined || row.credential.identity !== identity) return
  const { credential } = row
  const { firstUsedAt, lastUsedAt = statistic.lastUsedAt } = credential
  const used: AnyCredential = {
    ...credential,
    // A limited credential is counted by its guarded uses, exactly.
    uses: credential.maxUses === undefined ? credential.uses + statistic.uses : credential.uses,
    firstUsedAt: new Date(earliest(firstUsedAt, statistic.firstUsedAt) ?? statistic.firstUsedAt),
    lastUsedAt: new Date(Math.max(lastUsedAt.getTime(), statistic.lastUsedAt.getTime())),
  }
  tables.credentials.put({ ...row, credential: used })
}
