import type { LockoutCounter, LockoutKey, LoginQuery, LoginState, LoginStore } from '../plugin.ts'
import { strike } from '../plugin.ts'
import { copyOf } from './copy.ts'
import { counterOf, liveCounterOf } from './counters.ts'
import { grantLogin } from './grant.ts'
import { keyOf } from './key.ts'
import type { SecretRow } from './rows.ts'
import { groups } from './shapes.ts'
import { oneOf } from './table.ts'
import type { Tables } from './tables.ts'
import { EPOCH } from './tokens.ts'

/** Creates the store that decides logins. */
export function createLogins(tables: Tables): LoginStore {
  const { counters, journal } = tables
  return {
    find: async (query, now) => copyOf(findState(tables, query, now)),
    async grant(grant, now, events) {
      const refusal = grantLogin(tables, grant, now)
      if (refusal === undefined) journal.append(events)
      return refusal
    },
    async strike(key, policy, now, { refused, locked }) {
      const struck = strike(counterOf(tables, key), policy, now)
      if (struck.counted) counters.put(copyOf({ key, counter: struck.counter }))
      journal.append(refused)
      if (struck.counted && struck.counter.locked) journal.append(locked)
      return copyOf(struck)
    },
  }
}

function findState(tables: Tables, query: LoginQuery, now: Date): LoginState | undefined {
  const { method, source } = query
  const identity = tables.identities.get(query.identity)
  if (identity === undefined) return undefined
  const { organization, id } = identity
  const authMethod = tables.authMethods.get(keyOf(organization, id, method))
  if (authMethod === undefined) return undefined
  const stored = findStored(tables, query, authMethod.id)
  const known = tables.known.get(keyOf(organization, id, method))?.sources
  const since = known?.find((row) => row.source === source && now < row.until)?.since
  return {
    epoch: EPOCH,
    identity,
    authMethod,
    ...(stored !== undefined && { stored: stored.secret, storedUnder: stored.digest.rootKey }),
    ...(since !== undefined && { knownSince: since }),
    counters: findCounters(tables, { organization, identity: id, method }, source, now),
  }
}

function findStored(
  { secrets }: Tables,
  { digests }: LoginQuery,
  authMethod: string,
): SecretRow | undefined {
  for (const { value } of digests) {
    const row = oneOf(secrets.in(groups.digest(value)))
    // An auth method is one of one identity, so this is no other identity's secret.
    if (row?.secret.authMethod === authMethod) return row
  }
  return undefined
}

function findCounters(
  tables: Tables,
  scope: Omit<LockoutKey, 'class'>,
  source: string,
  now: Date,
): LoginState['counters'] {
  const find = (name: LockoutKey['class']): LockoutCounter | undefined =>
    liveCounterOf(tables, { ...scope, class: name }, now)
  const own = find(`source:${source}`)
  const strangers = find('strangers')
  const everybody = find('everybody')
  return {
    ...(own !== undefined && { source: own }),
    ...(strangers !== undefined && { strangers }),
    ...(everybody !== undefined && { everybody }),
  }
}
