import assert from 'node:assert/strict'
import type { Event, Storage } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { createGate, race } from '../gate.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What the stream of events does. */
export const outboxCases: readonly Case<StorageSubject>[] = [
  storageCase('outbox.append MUST keep events as they are, in order', async (world) => {
    const { outbox } = world.storage
    const events: Event[] = [
      { ...world.records.event(), organization: 'acme', reason: 'why', count: 3 },
      { ...world.records.event(), source: { address: '192.0.2.1' }, details: { a: 1, b: true } },
    ]
    await outbox.append(events)
    await outbox.append([])
    const placed = await outbox.read(0, 10)
    assert.deepEqual(
      placed.map(({ event }) => event),
      events,
    )
  }),
  storageCase(
    'outbox.read MUST answer events behind `after`, in the order of positions',
    async (world) => {
      const { outbox } = world.storage
      const events = Array.from({ length: 7 }, () => world.records.event())
      for (const event of events) await outbox.append([event])
      const all = await outbox.read(0, 100)
      const positions = all.map(({ position }) => position)
      assert.deepEqual(
        positions,
        [...new Set(positions)].sort((one, other) => one - other),
      )
      for (const [index, { position }] of all.entries())
        assert.deepEqual(await outbox.read(position, 3), all.slice(index + 1, index + 4))
    },
  ),
  storageCase('outbox.read MUST skip none that a slow transaction still commits', async (world) => {
    const { storage } = world
    const written = createGate(2)
    const noted = createGate(2)
    const [slow, quick] = [world.records.event(), world.records.event()]
    const transaction = storage.transaction(async (stores) => {
      await stores.outbox.append([slow])
      await written()
      await noted()
    })
    await written()
    await storage.outbox.append([quick])
    const early = await storage.outbox.read(0, 10)
    await noted()
    await transaction
    const late = await storage.outbox.read(early.at(-1)?.position ?? 0, 10)
    const ids = [...early, ...late].map(({ event }) => event.id)
    assert.deepEqual(ids.sort(), [slow.id, quick.id].sort())
  }),
  storageCase('outbox.read MUST skip none and repeat none while others write', async (world) => {
    const { storage, records, racers } = world
    const events = Array.from({ length: racers }, () => records.event())
    const writing = race(racers, async (index) => {
      const event = events[index]
      if (event === undefined) return
      if (index % 2 === 0) await storage.outbox.append([event])
      else await storage.transaction((stores) => stores.outbox.append([event]))
    })
    const seen = await follow(storage, events.length, writing)
    assert.deepEqual([...seen].sort(), events.map(({ id }) => id).sort())
  }),
  storageCase('outbox.read MUST NOT let the reader change what is stored', async (world) => {
    const { outbox } = world.storage
    await outbox.append([world.records.event()])
    const placed = structuredClone(await outbox.read(0, 10))
    tamper(await outbox.read(0, 10))
    assert.deepEqual(await outbox.read(0, 10), placed)
  }),
  storageCase("outbox.advance MUST never move a sink's place backwards", async (world) => {
    const { outbox } = world.storage
    assert.equal(await outbox.placeOf('siem'), 0)
    await outbox.advance('siem', 5)
    await outbox.advance('siem', 3)
    assert.equal(await outbox.placeOf('siem'), 5)
    assert.equal(await outbox.placeOf('log'), 0)
    await race(world.racers, (index) => outbox.advance('log', index + 1))
    assert.equal(await outbox.placeOf('log'), world.racers)
  }),
]

/** Reads as a sink does, from its last position on, until everything is written and read. */
async function follow(
  { outbox }: Storage,
  most: number,
  writing: Promise<unknown>,
): Promise<readonly string[]> {
  const seen: string[] = []
  let after = 0
  let isWritten = false
  const finished = writing.then(() => {
    isWritten = true
  })
  for (;;) {
    const wasWritten = isWritten
    const placed = await outbox.read(after, 7)
    seen.push(...placed.map(({ event }) => event.id))
    after = placed.at(-1)?.position ?? after
    if ((wasWritten && placed.length === 0) || seen.length > most) break
  }
  await finished
  return seen
}
