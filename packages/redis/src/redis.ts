import type { Runtime, Seconds } from '@countersign/core/plugin'
import { systemRuntime } from '@countersign/core/plugin'
import { createBreaker } from './breaker.ts'
import type { RedisClient, RedisScript } from './client.ts'
import { createRunScript } from './client.ts'
import { script } from './script.ts'

/** Which Redis, and how it is used. */
export interface RedisOptions {
  /** An ioredis 5 or 6 (a Cluster too) or a node-redis 4 to 6 of the host's. */
  readonly client: RedisClient
  /** What all our keys begin with; `countersign` where absent. */
  readonly prefix?: string
  /** Seconds until Redis counts as away; a tenth where absent. */
  readonly timeout?: Seconds
  /** Time, for tests: no app sets it. */
  readonly runtime?: Runtime
}

/** A Redis that answers in time, or is away. */
export interface Redis {
  /** The beginning of all keys, with the version of what they hold: nodes of two versions do not read each other's. */
  readonly prefix: string
  /**
   * Runs a script in one round trip.
   *
   * @throws RedisAway where there is no answer.
   */
  run(script: RedisScript, keys: readonly string[], values: readonly string[]): Promise<Answer>
  /** Asks something that changes nothing; throws `RedisAway` as `run` does. */
  probe(): Promise<unknown>
}

/** What a script returned: numbers and texts, as texts. */
export type Answer = readonly string[]

const DEFAULT_PREFIX = 'countersign'
const DEFAULT_TIMEOUT: Seconds = 0.1

/** Changes with the form of what is stored. */
const VERSION = 1

/** Opens the host's Redis for scripts. */
export function openRedis(options: RedisOptions): Redis {
  const { client, timeout = DEFAULT_TIMEOUT, runtime = systemRuntime } = options
  const runScript = createRunScript(client)
  const prefix = versionedPrefix(options.prefix)
  const probe = (): Promise<unknown> => runScript(PROBE, [`${prefix}:probe`], [])
  const breaker = createBreaker({ runtime, timeout, probe })
  return {
    prefix,
    probe: () => breaker.ask(probe),
    run: (asked, keys, values) => breaker.ask(() => runScript(asked, keys, values)).then(toAnswer),
  }
}

/** The beginning of all names of ours. */
export function versionedPrefix(prefix: string = DEFAULT_PREFIX): string {
  if (!/^[A-Za-z0-9_.:-]{1,64}$/.test(prefix))
    throw new TypeError('The prefix must be 1 to 64 characters out of A-Z a-z 0-9 _ . : -')
  return `${prefix}:${VERSION}`
}

const PROBE = script('return 1')

/** Lists come as lists from every client; everything in them is a text or a whole number. */
function toAnswer(answer: unknown): Answer {
  return Array.isArray(answer) ? answer.map(String) : [String(answer)]
}
