import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ChainLink, SealedEvent } from '../../src/model/chain.ts'
import { CHAIN_START, linkTo } from '../../src/model/chain.ts'
import { refuseLink } from '../../src/model/chain-fault.ts'
import type { Event } from '../../src/model/event.ts'
import { START } from '../support/clock.ts'
import { anEngine } from '../support/engine.ts'
import { createGate } from '../support/gate.ts'
import { aWorkload } from '../support/workload.ts'

function anEvent(given: Partial<Event> = {}): Event {
  return {
    v: 1,
    id: 'evt_00000000000000000000000001',
    type: 'login.granted',
    at: START,
    actor: { kind: 'engine' },
    target: { kind: 'token', id: 'sid' },
    ...given,
  }
}

/** Seals events behind each other. */
function chained(events: readonly Event[]): readonly SealedEvent[] {
  let last: ChainLink = CHAIN_START
  return events.map((event, place) => {
    last = linkTo(last, event)
    return { ...last, event, position: place + 1 }
  })
}

describe('linkTo()', () => {
  test('hashes the hash before it, a line feed and the canonical form of the event', () => {
    const first = linkTo(CHAIN_START, anEvent())
    // printf '%s\n%s' "$previous" "$event" | openssl dgst -sha256 -binary | basenc --base64url
    expect(first).toEqual({ index: 1, hash: '7izaM8i3PyzXOo9ncHZDkr_Urw4uaHddfY9OUSqEBxs' })
    expect(linkTo(first, anEvent()).index).toBe(2)
    expect(linkTo(first, anEvent()).hash).not.toBe(first.hash)
  })

  test('is the same for the same event, whatever the order of its members', () => {
    const { id, type, ...rest } = anEvent({ organization: 'acme', details: { b: 1, a: 2 } })
    const turned = { ...rest, type, id, details: { a: 2, b: 1 } }
    expect(linkTo(CHAIN_START, turned)).toEqual(
      linkTo(CHAIN_START, anEvent({ organization: 'acme', details: { b: 1, a: 2 } })),
    )
  })
})

const someEvents = fc.array(
  fc.record({
    reason: fc.string({ unit: 'grapheme' }),
    count: fc.integer(),
    details: fc.dictionary(
      fc.string(),
      fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true })),
    ),
  }),
  { minLength: 2, maxLength: 12 },
)

describe('refuseLink()', () => {
  test('accepts every chain as it was sealed', () => {
    void fc.assert(
      fc.property(someEvents, (given) => {
        expect(firstFault(chained(given.map(anEvent)))).toBeUndefined()
      }),
    )
  })

  test('names the first event of any chain in which one was changed, removed or put in twice', () => {
    void fc.assert(
      fc.property(
        someEvents,
        fc.nat(),
        fc.constantFrom('change', 'remove', 'repeat'),
        (given, pick, deed) => {
          const rows = chained(given.map(anEvent))
          const place = pick % (rows.length - 1)
          const spoiled = rows.flatMap((row, at) => {
            if (at !== place) return [row]
            if (deed === 'remove') return []
            if (deed === 'repeat') return [row, row]
            return [{ ...row, event: { ...row.event, reason: `${row.event.reason}!` } }]
          })
          expect(firstFault(spoiled)?.index).toBe(place + 1)
        },
      ),
    )
  })
})

function firstFault(rows: readonly SealedEvent[]) {
  let last: ChainLink = CHAIN_START
  for (const [place, row] of rows.entries()) {
    const fault = refuseLink(last, row, rows[place + 1])
    if (fault !== undefined) return fault
    last = row
  }
  return undefined
}

describe('the sequencer', () => {
  test('seals what is open in a chain for each organization, and one for the events of none', async () => {
    const engine = anEngine()
    const workload = await aWorkload({ engine })
    await aWorkload({ engine, organization: 'other' })
    await workload.login()
    await engine.countersign.maintain()
    const { trail } = engine.storage
    expect((await trail.open(10)).events).toEqual([])
    for (const organization of ['acme', 'other', undefined]) {
      const rows = await trail.links(organization, 0, 100)
      expect(rows.length).toBeGreaterThan(0)
      expect(rows.map(({ event }) => event.organization)).toEqual(rows.map(() => organization))
      expect(firstFault(rows)).toBeUndefined()
    }
    expect((await trail.read(0, 100)).map(({ event }) => event)).toEqual(await engine.recorded())
  })

  test('goes on where another node stopped, in the same chain', async () => {
    const workload = await aWorkload()
    await workload.countersign.maintain()
    await workload.login()
    await anEngine({ beside: workload }).countersign.maintain()
    const rows = await workload.storage.trail.links('acme', 0, 100)
    expect(rows.at(-1)?.event.type).toBe('login.granted')
    expect(firstFault(rows)).toBeUndefined()
  })

  test('seals each event once, however many nodes are at it at once', async () => {
    const workload = await aWorkload({ lockout: 'off' })
    const gate = createGate(8)
    const nodes = Array.from({ length: 8 }, () =>
      anEngine({
        beside: workload,
        around: (storage) => ({
          ...storage,
          trail: {
            ...storage.trail,
            async seal(sealing) {
              await gate()
              return storage.trail.seal(sealing)
            },
          },
        }),
      }),
    )
    await Promise.all(nodes.map(({ countersign }) => countersign.maintain()))
    const { position } = await workload.storage.trail.open(1)
    expect(position).toBe((await workload.recorded()).length)
    expect(new Set((await workload.recorded()).map(({ id }) => id)).size).toBe(position)
  })

  test('seals 500 events in a pass, and says that there are more', async () => {
    const engine = anEngine()
    const events = Array.from({ length: 700 }, () => anEvent())
    await engine.storage.outbox.append(events)
    expect(await engine.countersign.maintain()).toEqual({ done: false })
    expect((await engine.storage.trail.open(1000)).events.length).toBe(200)
    expect(await engine.countersign.maintain()).toEqual({ done: true })
  })

  test('never seals at an instant before the last one, whatever its own clock shows', async () => {
    const engine = anEngine()
    await engine.storage.outbox.append([anEvent()])
    await engine.countersign.maintain()
    const { sealedAt } = await engine.storage.trail.open(1)
    await engine.storage.outbox.append([anEvent()])
    engine.clock.set(new Date(START.getTime() - 1000))
    await anEngine({ beside: engine }).countersign.maintain()
    expect((await engine.storage.trail.open(1)).sealedAt).toEqual(sealedAt)
  })
})
