import assert from 'node:assert/strict'
import type { Event } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { createGate, race } from '../gate.ts'
import { at } from './records.ts'
import { sealAll } from './sealing.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What becomes of events between the write that records them and the trail. */
export const outboxCases: readonly Case<StorageSubject>[] = [
  storageCase(
    'outbox.append MUST keep events as they are, in order, until they are sealed and from then on',
    async (world) => {
      const { outbox, trail } = world.storage
      const events: Event[] = [
        { ...world.records.event(), organization: 'acme', reason: 'why', count: 3 },
        {
          ...world.records.event(),
          source: { address: '192.0.2.1', userAgent: 'ü "\\ \u{1f600}' },
        },
        { ...world.records.event(), details: { a: 1, b: true, c: 'x', d: 0.1, e: 1e21, f: -7 } },
        { ...world.records.event(), at: new Date('2026-03-01T12:00:00.007Z') },
      ]
      await outbox.append(events)
      await outbox.append([])
      const open = await trail.open(10)
      assert.deepEqual(
        open.events.map(({ event }) => event),
        events,
      )
      await sealAll(world.storage)
      const sealed = await trail.read(0, 10)
      assert.deepEqual(
        sealed.map(({ event }) => event),
        events,
      )
    },
  ),
  storageCase('outbox.append MUST NOT make writers wait for each other', async (world) => {
    const { storage, records } = world
    const written = createGate(2)
    const noted = createGate(2)
    const [slow, quick] = [records.event(), records.event()]
    const transaction = storage.transaction(async (stores) => {
      await stores.outbox.append([slow])
      await written()
      await noted()
    })
    await written()
    await storage.outbox.append([quick])
    const early = await world.eventIds()
    await noted()
    await transaction
    assert.deepEqual(early, [quick.id])
    assert.deepEqual([...(await world.eventIds())].sort(), [slow.id, quick.id].sort())
  }),
  storageCase(
    'outbox.appendOnce MUST record its events only where no mark of the same key stands at `now`',
    async (world) => {
      const { outbox } = world.storage
      const tell = (key: string, now: number, until: number, event = world.records.event()) =>
        outbox.appendOnce({ key, until: at(until) }, at(now), [event])
      const [first, again] = [world.records.event(), world.records.event()]
      assert.equal(await tell('key', 0, 60, first), true)
      assert.equal(await tell('key', 59, 1000), false)
      assert.equal(await tell('key', 60, 90, again), true)
      assert.equal(await tell('key', 89, 1000), false)
      assert.deepEqual(await world.eventIds(), [first.id, again.id])
      assert.equal(await tell('other key', 0, 60), true)
    },
  ),
  storageCase(
    'outbox.appendOnce MUST answer true to one, however many nodes ask at once',
    async (world) => {
      const answers = await race(world.racers, () =>
        world.storage.outbox.appendOnce({ key: 'key', until: at(60) }, at(0), [
          world.records.event(),
        ]),
      )
      assert.equal(answers.filter(Boolean).length, 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
  storageCase('outbox.append MUST NOT let the caller change what is stored', async (world) => {
    const { outbox } = world.storage
    const event = { ...world.records.event(), details: { a: 1 } }
    const before = structuredClone(event)
    await outbox.append([event])
    tamper(event)
    const { events } = await world.storage.trail.open(10)
    assert.deepEqual(
      events.map((open) => open.event),
      [before],
    )
  }),
]
