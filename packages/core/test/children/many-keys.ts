// Fills everything that a node keeps by keys of strangers, and tells by how many bytes the heap grew once it was full.

import { createForgeries } from '../../src/cache/forgeries.ts'
import { withKnownStaticTokens } from '../../src/cache/known-static-tokens.ts'
import { createLocalRateLimiter } from '../../src/cache/local-rate-limiter.ts'
import { createRecall } from '../../src/cache/recall.ts'
import { withSeenTokens } from '../../src/cache/seen-tokens.ts'
import { createShadowLockouts } from '../../src/cache/shadow-lockouts.ts'
import type { Clock } from '../../src/engine/clock.ts'
import { createFold } from '../../src/engine/fold.ts'
import { createRefusals } from '../../src/engine/refusals.ts'
import { ANONYMOUS } from '../../src/model/actor.ts'
import type { Event, EventDraft } from '../../src/model/event.ts'
import { Rejection } from '../../src/model/rejection.ts'
import type { StaticTokenStore } from '../../src/ports/static-token-store.ts'

const [, , keys = ''] = process.argv
const count = Number(keys)
/** What one node keeps at the most: full long before it is measured first. */
const most = Math.floor(count / 20)

// A clock that comes on by a second with every key: nothing here may last as long as an attacker does.
let now = new Date('2026-03-01T12:00:00.000Z')
const clock = { now: () => now } as Clock
const stamp = (draft: EventDraft): Event => draft as Event
const draftOf = (index: number): EventDraft => ({
  type: 'login.refused',
  organization: 'acme',
  actor: ANONYMOUS,
  target: { kind: 'identity', id: `idn_${index}` },
  reason: 'unknown_client',
  source: { address: `2001:db8:${index}::` },
})
const stranger = { organization: '', method: 'universal', class: 'strangers' } as const
const limit = { most: 10, window: 60 }
const lockout = { threshold: 3, window: 30, duration: 300, scope: 'source' } as const

const limiter = createLocalRateLimiter(most)
const forgeries = createForgeries(most)
const shadow = createShadowLockouts(most)
const fold = createFold({ period: 1, kinds: most }, clock, stamp)
const refusals = createRefusals(clock, stamp)
const nobody = { findByDigest: async () => undefined } as unknown as StaticTokenStore
const staticTokens = withKnownStaticTokens(nobody, { ttl: 60, tokens: most, unknown: most })
const seen = withSeenTokens(
  {
    check: () => new Rejection('bad_signature'),
    whateverItsAge: () => new Rejection('bad_signature'),
    remembers: () => false,
    forget: () => undefined,
  },
  { tokens: most, bytes: 1_000_000, refused: most },
)
const recall = createRecall<string, string>({
  ttl: 60,
  most,
  keyOf: (query) => query,
  ask: async (query) => query,
  ownerOf: (answer) => answer,
})
const naive = new Map<string, object>()

const kept: Readonly<Record<string, (index: number) => unknown>> = {
  'rate limits': (index) => limiter.take([{ key: `address ${index}`, limit }], now),
  forgeries: (index) => forgeries.note(`2001:db8:${index}::/64`, now),
  'unknown ids': (index) => shadow.strike({ ...stranger, identity: `idn_${index}` }, lockout, now),
  'reports that nobody takes': (index) => fold.add(draftOf(index), `2001:db8:${index}::/64`),
  'refusals that nobody takes': (index) =>
    refusals.record(draftOf(index), `idn_${index}`, `2001:db8:${index}::/64`),
  'static tokens that nobody has': (index) =>
    staticTokens.findByDigest([{ rootKey: 'one', value: `digest ${index}` }], now),
  'tokens with a wrong signature': (index) => seen.check(`header.claims.${index}`, now),
  'answers of the authority': (index) => recall.find(`session ${index}`, now),
  'a map that nobody bounded': (index) => naive.set(`address ${index}`, { count: index }),
}

async function fill(add: (index: number) => unknown, from: number, to: number): Promise<number> {
  for (let index = from; index < to; index += 1) {
    now = new Date(now.getTime() + 1000)
    const added = add(index)
    if (added instanceof Promise) await added
  }
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const grown: Record<string, number> = {}
for (const [name, add] of Object.entries(kept)) {
  const full = await fill(add, 0, count / 5)
  grown[name] = (await fill(add, count / 5, count)) - full
}
// It must not be collected before it was measured.
if (naive.size !== count) throw new Error('The map forgot')
console.log(JSON.stringify(grown))
