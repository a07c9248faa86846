import assert from 'node:assert/strict'
import type { Event } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { createGate } from '../gate.ts'
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
