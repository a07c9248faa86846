import type { RedisCountersOptions } from '@countersign/redis'
import { storageCases } from '@countersign/testing/conformance'

/** What is counted in Redis, and which rules of storages do not hold then. */
export interface Choice {
  readonly name: string
  readonly options: Pick<RedisCountersOptions, 'lockouts' | 'tokenUses' | 'replayMarks'>
  /** By the name of the case: why. */
  readonly exceptions: Readonly<Record<string, string>>
}

const COUNT_STAYS = 'a count ends with its tokens, whose standing says that they are gone'
const BURNT = 'evidence is burnt when it is shown, whatever becomes of its login'

const forUses: Choice['exceptions'] = {
  'organizations.remove MUST take everything away that belongs to the organization': COUNT_STAYS,
  'projects.remove MUST take the identities of the project away, and every way to log in as them':
    COUNT_STAYS,
  'identities.remove MUST take everything away that belongs to the identity': COUNT_STAYS,
  'authMethods.remove MUST take everything away that belongs to the auth method': COUNT_STAYS,
}

/** Those that look whether a refused grant left a mark. */
const OBSTRUCTED = /^logins.grant MUST (commit nothing and answer why|count no use) where/

const forMarks: Choice['exceptions'] = Object.fromEntries(
  storageCases.filter(({ name }) => OBSTRUCTED.test(name)).map(({ name }) => [name, BURNT]),
)

/** Around memory, where everything but Redis answers within a few turns of the event loop. */
export const exceptionsInMemory: Choice['exceptions'] = {
  'organizations.hold MUST NOT make a login or a request wait':
    'Redis answers later than the few turns that the case waits for; asked around Postgres',
}

/** Every choice by itself, and all together. */
export const choices: readonly Choice[] = [
  { name: 'lockouts', options: { lockouts: true }, exceptions: {} },
  { name: 'token uses', options: { tokenUses: true }, exceptions: forUses },
  { name: 'replay marks', options: { replayMarks: true }, exceptions: forMarks },
  {
    name: 'all counters',
    options: { lockouts: true, tokenUses: true, replayMarks: true },
    exceptions: { ...forUses, ...forMarks },
  },
]
