import { expiryOf } from '../lib/expiry.ts'
import type { Seconds } from '../lib/time.ts'
import type { InvalidationChannel } from '../ports/channel.ts'
import type { RateLimiter } from '../ports/rate-limiter.ts'
import { MAX_DRIFT } from './clock.ts'
import type { Parts } from './parts.ts'

/** How one thing is that a node needs. */
export interface DependencyHealth {
  readonly ok: boolean
  /** Milliseconds until it answered. */
  readonly latency?: number
}

/** How a node is. */
export interface Health {
  /** The process answers: a node that is not live should be restarted, and none ever is. */
  readonly live: true
  /** Logins and first requests can be judged: a node that is not ready should be sent none. */
  readonly ready: boolean
  /** It works, and somebody should look at it. */
  readonly degraded: boolean
  readonly storage: DependencyHealth
  /** Whether it can sign. */
  readonly keys: DependencyHealth
  /** Seconds by which this node's clock differs from the authority's; beyond 30 it is degraded. */
  readonly clock: DependencyHealth & { readonly drift?: number }
  /** What carries changes between nodes. Like the next two it is absent where it is nothing of its own, and not needed. */
  readonly channel?: DependencyHealth
  /** What counts rates for all nodes. */
  readonly rateLimiter?: DependencyHealth
  /** What counts in the storage's place. */
  readonly counters?: DependencyHealth
}

/** What a node works beside, and without. */
export interface Optional {
  readonly channel?: Pick<InvalidationChannel, 'probe'> | undefined
  readonly rateLimiter?: Pick<RateLimiter, 'probe'> | undefined
}

/** Seconds that one question may take. */
const DEADLINE: Seconds = 2

/** Creates the answer to probes. */
export function createHealth(
  parts: Pick<Parts, 'storage' | 'keys' | 'clock' | 'runtime'>,
  { channel, rateLimiter }: Optional,
): () => Promise<Health> {
  const { storage, keys, clock, runtime } = parts

  async function ask<T>(question: () => Promise<T>): Promise<DependencyHealth & { answer?: T }> {
    const began = runtime.clock().getTime()
    const deadline = runtime.deadline(DEADLINE)
    try {
      const answer = await Promise.race([question(), expiryOf(deadline)])
      return { ok: true, latency: runtime.clock().getTime() - began, answer }
    } catch {
      return { ok: false }
    }
  }

  /** Asks what can be asked. */
  async function askOptional(): Promise<Pick<Health, 'channel' | 'rateLimiter' | 'counters'>> {
    const probes = {
      channel: channel?.probe,
      rateLimiter: rateLimiter?.probe,
      counters: storage.probeCounters,
    }
    const asked = Object.entries(probes).map(async ([name, probe]) => {
      if (probe === undefined) return []
      const { answer: _answer, ...health } = await ask(probe)
      return [[name, health] as const]
    })
    return Object.fromEntries((await Promise.all(asked)).flat())
  }

  return async () => {
    const [{ answer: authority, ...storageHealth }, { answer: _signer, ...keyHealth }, others] =
      await Promise.all([ask(storage.now), ask(keys.signer), askOptional()])
    const drift =
      authority === undefined ? undefined : (authority.getTime() - clock.now().getTime()) / 1000
    const inStep = drift !== undefined && Math.abs(drift) <= MAX_DRIFT
    const ready = storageHealth.ok && keyHealth.ok
    return {
      live: true,
      ready,
      degraded: !(ready && inStep && Object.values(others).every(({ ok }) => ok)),
      storage: storageHealth,
      keys: keyHealth,
      clock: { ok: inStep, ...(drift !== undefined && { drift }) },
      ...others,
    }
  }
}
