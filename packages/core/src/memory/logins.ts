import type {
  LockoutClasses,
  LockoutCounter,
  LockoutKey,
  LoginQuery,
  LoginState,
  LoginStore,
  Struck,
} from '../plugin.ts'
import { lockoutClassesOf, startsLock, strike, strikeBoth } from '../plugin.ts'
import { copyOf } from './copy.ts'
import { counterOf, liveCounterOf } from './counters.ts'
import { credentialsOf } from './credentials.ts'
import { grantLogin } from './grant.ts'
import { keyOf } from './key.ts'
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
    async strike({ total: name, ...key }, policy, now, { refused, locked }) {
      const total = name && { ...key, class: name }
      const own = counterOf(tables, key)
      const struck =
        total === undefined
          ? strike(own, policy, now)
          : strikeBoth({ own, total: counterOf(tables, total) }, policy, now)
      const keep = (of: LockoutKey, { counter, counted }: Struck): void => {
        if (counted) counters.put(copyOf({ key: of, counter }))
      }
      keep(key, struck)
      if (total !== undefined && struck.total !== undefined) keep(total, struck.total)
      journal.append(refused)
      if (startsLock(struck)) journal.append(locked)
      return copyOf(struck)
    },
  }
}

function findState(tables: Tables, query: LoginQuery, now: Date): LoginState | undefined {
  const { method, source } = query
  const named = credentialsOf(tables, query.digests)
  const identity = tables.identities.get(query.identity ?? named[0]?.credential.identity ?? '')
  if (identity === undefined) return undefined
  const { organization, id } = identity
  const authMethod = tables.authMethods.get(keyOf(organization, id, method))
  if (authMethod === undefined) return undefined
  // An auth method is one of one identity, so this is no other identity's credential.
  const own = named.find(({ credential }) => credential.authMethod === authMethod.id)
  if (query.identity === undefined && own === undefined) return undefined
  const known = tables.known.get(keyOf(organization, id, method))?.sources
  const since = known?.find((row) => row.source === source && now < row.until)?.since
  const template =
    authMethod.template && tables.authTemplates.get(keyOf(organization, authMethod.template))
  return {
    epoch: EPOCH,
    identity,
    authMethod,
    ...(template !== undefined && { template }),
    ...(own !== undefined && { stored: own.credential, storedUnder: own.digest.rootKey }),
    ...(since !== undefined && { knownSince: since }),
    counters: findCounters(
      tables,
      { organization, identity: id, method },
      lockoutClassesOf(query),
      now,
    ),
  }
}

function findCounters(
  tables: Tables,
  scope: Omit<LockoutKey, 'class'>,
  classes: LockoutClasses,
  now: Date,
): LoginState['counters'] {
  const find = (name: LockoutKey['class']): LockoutCounter | undefined =>
    liveCounterOf(tables, { ...scope, class: name }, now)
  const own = find(classes.source)
  const strangers = find(classes.strangers)
  const everybody = find(classes.everybody)
  const total = find(classes.total)
  return {
    ...(own !== undefined && { source: own }),
    ...(strangers !== undefined && { strangers }),
    ...(everybody !== undefined && { everybody }),
    ...(total !== undefined && { total }),
  }
}
