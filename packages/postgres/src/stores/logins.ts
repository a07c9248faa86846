import type {
  AuthMethod,
  AuthTemplate,
  LockoutClass,
  LockoutClasses,
  LockoutCounter,
  LoginQuery,
  LoginState,
  LoginStore,
  Struck,
} from '@countersign/core/plugin'
import { ceilingOf, lockoutClassesOf } from '@countersign/core/plugin'
import type { CredentialAnswer } from '../credential.ts'
import { toCredential } from '../credential.ts'
import type { Db } from '../db.ts'
import { readOne } from '../db.ts'
import type { IdentityAnswer, Json } from '../records.ts'
import { fromEvents, instant, toAuthMethod, toAuthTemplate, toIdentity } from '../records.ts'
import * as statements from '../statements/logins.ts'
import { grant } from './grant.ts'

/** Creates the store that decides logins. */
export function createLogins(db: Db): LoginStore {
  return {
    find: (query, now) => findState(db, query, now),
    grant: (given, now, events) => grant(db, given, now, events),
    async strike(key, policy, now, events) {
      const { organization, identity, method, class: name, total } = key
      const ceiling = ceilingOf(policy)
      const struck = await readOne<StruckAnswer>(db, statements.strikeCounter, [
        ...[organization, identity, method, name],
        ...[policy.threshold, policy.window * 1000, policy.duration * 1000, now.getTime()],
        ...[fromEvents(events.refused), fromEvents(events.locked)],
        ...[total, ceiling.threshold, ceiling.window * 1000],
      ])
      if (struck === undefined) throw new Error('Postgres answered no counter')
      return toStruck(struck)
    },
  }
}

interface CounterAnswer {
  readonly failures: number
  readonly locked: boolean
  readonly expiresAt: number
}

interface StruckAnswer extends CounterAnswer {
  readonly counted: boolean
  readonly total?: StruckAnswer | null
}

interface StateAnswer {
  readonly epoch: number
  readonly identity: IdentityAnswer
  readonly authMethod: Json<AuthMethod>
  readonly template: Json<AuthTemplate> | null
  readonly stored: CredentialAnswer | null
  readonly knownSince: number | null
  readonly counters: Readonly<Partial<Record<LockoutClass, CounterAnswer>>> | null
}

async function findState(db: Db, query: LoginQuery, now: Date): Promise<LoginState | undefined> {
  const { identity, method, source, digests } = query
  const classes = lockoutClassesOf(query)
  const values = [
    ...[identity, method, source, digests.map(({ value }) => value), now.getTime()],
    Object.values(classes),
  ]
  const answer = await readOne<StateAnswer>(db, statements.findLogin, values)
  if (answer === undefined) return undefined
  const { epoch, template, stored, knownSince } = answer
  return {
    epoch,
    identity: toIdentity(answer.identity),
    authMethod: toAuthMethod(answer.authMethod),
    ...(template !== null && { template: toAuthTemplate(template) }),
    ...(stored !== null && { stored: toCredential(stored), storedUnder: stored.rootKey }),
    ...instant('knownSince', knownSince),
    counters: toCounters(answer.counters ?? {}, classes),
  }
}

function toCounters(
  counters: NonNullable<StateAnswer['counters']>,
  classes: LockoutClasses,
): LoginState['counters'] {
  const own = counters[classes.source]
  const strangers = counters[classes.strangers]
  const everybody = counters[classes.everybody]
  const total = counters[classes.total]
  return {
    ...(own !== undefined && { source: toCounter(own) }),
    ...(strangers !== undefined && { strangers: toCounter(strangers) }),
    ...(everybody !== undefined && { everybody: toCounter(everybody) }),
    ...(total !== undefined && { total: toCounter(total) }),
  }
}

function toCounter({ failures, locked, expiresAt }: CounterAnswer): LockoutCounter {
  return { failures, locked, expiresAt: new Date(expiresAt) }
}

function toStruck({ counted, total, ...counter }: StruckAnswer): Struck {
  const struck = { counter: toCounter(counter), counted }
  return total ? { ...struck, total: toStruck(total) } : struck
}
