import type { Runtime, Seconds } from '@countersign/core/plugin'
import { createOnTime } from './deadlines.ts'
import { isRefusalOfRedis, RedisAway } from './redis-away.ts'

/** Asks Redis, and stops asking for a while where it does not answer. */
export interface Breaker {
  /** @throws RedisAway where there is no answer: at once while nobody is asked, in time otherwise. */
  ask<T>(question: () => Promise<T>): Promise<T>
}

/** How long Redis may take, and how to find out whether it is back. */
export interface BreakerOptions {
  readonly runtime: Pick<Runtime, 'clock' | 'deadline'>
  readonly timeout: Seconds
  /** Asks something that changes nothing. */
  readonly probe: () => Promise<unknown>
}

/** Seconds after which somebody asks again, behind the back of whoever comes by. */
const PROBE_AFTER: Seconds = 0.5

/**
 * Creates a breaker. Who finds Redis silent waits for it once; from then on nobody waits, and the first who comes by half a
 * second later has a probe sent without waiting for it. There is no timer in it.
 */
export function createBreaker({ runtime, timeout, probe }: BreakerOptions): Breaker {
  const onTime = createOnTime(runtime, timeout)
  let probeAt: number | undefined
  let probing = false

  function open(): void {
    probeAt = runtime.clock().getTime() + PROBE_AFTER * 1000
  }

  async function askInTime<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await onTime(question(), silent)
    } catch (error) {
      if (isRefusalOfRedis(error)) throw new RedisAway('Redis refused', false, { cause: error })
      open()
      throw error instanceof RedisAway
        ? error
        : new RedisAway('Redis did not answer', true, { cause: error })
    }
  }

  async function findOut(): Promise<void> {
    probing = true
    try {
      await askInTime(probe)
      probeAt = undefined
    } catch (error) {
      // A Redis that refuses is there: each question is answered for itself.
      if (error instanceof RedisAway && !error.ambiguous) probeAt = undefined
    } finally {
      probing = false
    }
  }

  return {
    ask(question) {
      if (probeAt === undefined) return askInTime(question)
      if (!probing && runtime.clock().getTime() >= probeAt) void findOut()
      return Promise.reject(new RedisAway('Redis is away', false))
    },
  }
}

function silent(): RedisAway {
  return new RedisAway('Redis did not answer in time', true)
}
