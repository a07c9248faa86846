import type {
  ClientSecret,
  Event,
  PageOf,
  PageQuery,
  SecretFilter,
  SecretKey,
  SecretStore,
  UseStatistic,
} from '../plugin.ts'
import { authMethodOf } from './auth-methods.ts'
import { copyOf } from './copy.ts'
import { identityIn, withLastLogin } from './identities.ts'
import { pageOf } from './order.ts'
import { markRevoked } from './revocations.ts'
import type { SecretRow } from './rows.ts'
import { groups } from './shapes.ts'
import { oneOf } from './table.ts'
import type { Tables } from './tables.ts'

/** Creates the store of client secrets. */
export function createClientSecrets(tables: Tables): SecretStore {
  const { secrets, journal } = tables
  return {
    async insert(secret, digest, events) {
      if (!admits(tables, { secret, digest })) return false
      secrets.put(copyOf({ secret, digest }))
      journal.append(events)
      return true
    },
    find: async (organization, id) => copyOf(secretIn(tables, organization, id)?.secret),
    page: async (query) => copyOf(page(tables, query)),
    async revoke(key, revocation, events) {
      const row = secretIn(tables, key.organization, key.id)
      if (row === undefined || row.secret.revoked !== undefined) return copyOf(row?.secret)
      const secret: ClientSecret = { ...row.secret, revoked: copyOf(revocation) }
      secrets.put({ ...row, secret })
      settle(tables, key, events)
      return copyOf(secret)
    },
    async remove(key, events) {
      if (secretIn(tables, key.organization, key.id) === undefined) return false
      secrets.delete(key.id)
      settle(tables, key, events)
      return true
    },
    async record(statistics) {
      for (const statistic of statistics) record(tables, statistic)
    },
  }
}

/** Finds a client secret of one organization; an id of another one answers like an unknown one. */
export function secretIn(
  { secrets }: Tables,
  organization: string,
  id: string,
): SecretRow | undefined {
  const row = secrets.get(id)
  return row?.secret.organization === organization ? row : undefined
}

function admits(tables: Tables, { secret, digest }: SecretRow): boolean {
  const { organization, identity, authMethod, id } = secret
  if (tables.secrets.get(id) !== undefined) return false
  if (oneOf(tables.secrets.in(groups.digest(digest.value))) !== undefined) return false
  return authMethodOf(tables, { organization, id: identity }, authMethod) !== undefined
}

function page({ secrets }: Tables, query: PageQuery<SecretFilter>): PageOf<ClientSecret> {
  const { organization, identity } = query.filter
  const rows: ClientSecret[] = []
  for (const { secret } of secrets.in(groups.identity(identity)))
    if (secret.organization === organization) rows.push(secret)
  return pageOf(rows, query, ({ id, description }) => ({
    value: query.order === 'id' ? id : description,
    id,
  }))
}

function settle(tables: Tables, { mark }: SecretKey, events: readonly Event[]): void {
  if (mark !== undefined) markRevoked(tables, mark)
  tables.journal.append(events)
}

function record(tables: Tables, statistic: UseStatistic): void {
  const { organization, identity, clientSecret, uses, lastUsedAt } = statistic
  const owner = identityIn(tables, organization, identity)
  if (owner !== undefined) tables.identities.put(withLastLogin(owner, new Date(lastUsedAt)))
  const row = clientSecret && secretIn(tables, organization, clientSecret)
  if (!row || row.secret.identity !== identity) return
  const { secret } = row
  const isLater = secret.lastUsedAt === undefined || secret.lastUsedAt < lastUsedAt
  const revised: ClientSecret = {
    ...secret,
    // A limited secret is counted by its grants, exactly.
    uses: secret.maxUses === undefined ? secret.uses + uses : secret.uses,
    ...(isLater && { lastUsedAt: new Date(lastUsedAt) }),
  }
  tables.secrets.put({ ...row, secret: revised })
}
