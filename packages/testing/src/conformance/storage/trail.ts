import assert from 'node:assert/strict'
import type { Event, Storage } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { createGate, race } from '../gate.ts'
import { at } from './records.ts'
import { eventsFor, idsOf, sealAll, sealEvents, sealingOf } from './sealing.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** What the sequencer's verbs do, and the stream that they make. */
export const trailCases: readonly Case<StorageSubject>[] = [
  storageCase('trail.open MUST answer what is committed, an older event first', async (world) => {
    const { outbox, trail } = world.storage
    const events = eventsFor(world, 7)
    for (const event of events.slice(0, 4)) await outbox.append([event])
    await outbox.append(events.slice(4))
    assert.deepEqual(idsOf((await trail.open(100)).events), events.map(idOf))
    assert.deepEqual(idsOf((await trail.open(3)).events), events.slice(0, 3).map(idOf))
  }),
  storageCase(
    'trail.open MUST answer every event, one of a slow transaction as well',
    async (world) => {
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
      await sealAll(storage)
      await noted()
      await transaction
      await sealAll(storage)
      assert.deepEqual(idsOf(await storage.trail.read(0, 10)), [quick.id, slow.id])
    },
  ),
  storageCase(
    'trail.open MUST answer the last position, its instant, and the heads of their chains',
    async (world) => {
      const { outbox, trail } = world.storage
      const empty = await trail.open(10)
      assert.deepEqual(empty, { position: 0, events: [], heads: [] })
      await sealEvents(world, 'acme', 2, at(5))
      await sealEvents(world, 'other', 1, at(6))
      await sealEvents(world, undefined, 1, at(7))
      const sealed = await trail.read(0, 10)
      await outbox.append([
        ...eventsFor(world, 2, { organization: 'acme' }),
        ...eventsFor(world, 1, { organization: 'new' }),
        ...eventsFor(world, 1),
      ])
      const { position, sealedAt, heads } = await trail.open(10)
      assert.deepEqual([position, sealedAt], [4, at(7)])
      const byName = [...heads].sort((one, other) => other.index - one.index)
      assert.deepEqual(byName, [
        { organization: 'acme', index: 2, hash: sealed[1]?.hash },
        { index: 1, hash: sealed[3]?.hash },
      ])
    },
  ),
  storageCase(
    'trail.seal MUST move the events from the outbox into their chains in one step',
    async (world) => {
      const { outbox, trail } = world.storage
      const events = [
        ...eventsFor(world, 2, { organization: 'acme' }),
        ...eventsFor(world, 1),
        ...eventsFor(world, 1, { organization: 'acme' }),
      ]
      await outbox.append(events)
      const sealing = sealingOf(await trail.open(10))
      assert.equal(await trail.seal(sealing), true)
      assert.deepEqual((await trail.open(10)).events, [])
      const expected = sealing.events.map(({ entry: _, ...sealed }) => sealed)
      assert.deepEqual(await trail.read(0, 10), expected)
      assert.deepEqual(
        (await trail.links('acme', 0, 10)).map(({ index }) => index),
        [1, 2, 3],
      )
    },
  ),
  storageCase(
    'trail.seal MUST answer false and change nothing where another position is the last by now',
    async (world) => {
      const { outbox, trail } = world.storage
      await outbox.append(eventsFor(world, 4))
      const early = sealingOf(await trail.open(4))
      assert.equal(await trail.seal(sealingOf(await trail.open(2))), true)
      assert.equal(await trail.seal(early), false)
      assert.equal((await trail.read(0, 10)).length, 2)
      const late = await trail.open(10)
      assert.deepEqual([late.position, late.events.length], [2, 2])
      const ahead = { ...sealingOf(late), after: 3 }
      assert.equal(await trail.seal(ahead), false)
      assert.equal((await trail.open(10)).events.length, 2)
    },
  ),
  storageCase(
    'trail.seal MUST answer false and change nothing where one of the events is not open any more',
    async (world) => {
      const { outbox, trail } = world.storage
      await outbox.append(eventsFor(world, 2))
      const first = sealingOf(await trail.open(2))
      assert.equal(await trail.seal(first), true)
      const again = { ...first, after: 2 }
      assert.equal(await trail.seal(again), false)
      await outbox.append(eventsFor(world, 1))
      const [open] = sealingOf(await trail.open(1)).events
      const [gone] = first.events
      assert.ok(open && gone)
      const mixed = [open, { ...gone, position: 4, index: 4 }]
      assert.equal(await trail.seal({ after: 2, at: at(0), events: mixed }), false)
      assert.equal((await trail.read(0, 10)).length, 2)
      assert.equal((await trail.open(10)).events.length, 1)
    },
  ),
  storageCase('trail.seal MUST answer true to one, however many seal at once', async (world) => {
    const { storage, racers } = world
    await storage.outbox.append(eventsFor(world, 5))
    const sealings = await Promise.all(
      Array.from({ length: racers }, async () => sealingOf(await storage.trail.open(5))),
    )
    const answers = await race(racers, async (index) => {
      const sealing = sealings[index]
      return sealing !== undefined && storage.trail.seal(sealing)
    })
    assert.equal(answers.filter(Boolean).length, 1)
    assert.equal((await storage.trail.read(0, 100)).length, 5)
  }),
  storageCase('trail.read MUST answer sealed events behind a position, in order', async (world) => {
    const { trail } = world.storage
    for (const organization of ['acme', 'other', undefined, 'acme'])
      await sealEvents(world, organization, 2)
    const all = await trail.read(0, 100)
    assert.deepEqual(
      all.map(({ position }) => position),
      [1, 2, 3, 4, 5, 6, 7, 8],
    )
    for (const [index, { position }] of all.entries())
      assert.deepEqual(await trail.read(position, 3), all.slice(index + 1, index + 4))
  }),
  storageCase(
    'trail.read MUST skip none and repeat none while others write and seal',
    async (world) => {
      const { storage, racers } = world
      const events = eventsFor(world, racers)
      const writing = race(racers, async (index) => {
        const event = events[index]
        if (event === undefined) return
        if (index % 2 === 0) await storage.outbox.append([event])
        else await storage.transaction((stores) => stores.outbox.append([event]))
        await storage.trail.seal(sealingOf(await storage.trail.open(3)))
      })
      const seen = await follow(world, events.length, writing)
      assert.deepEqual([...seen].sort(), events.map(idOf).sort())
    },
  ),
  storageCase('trail.read MUST NOT let the reader change what is stored', async (world) => {
    const { trail } = world.storage
    await sealEvents(world, 'acme', 1)
    const sealed = structuredClone(await trail.read(0, 10))
    tamper(await trail.read(0, 10))
    tamper(await trail.links('acme', 0, 10))
    assert.deepEqual(await trail.read(0, 10), sealed)
  }),
]

function idOf({ id }: Event): string {
  return id
}

/** Reads as a sink does, from its last position on, until everything is written, sealed and read. */
async function follow(
  { storage }: World,
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
    if (wasWritten) await sealRest(storage)
    const sealed = await storage.trail.read(after, 7)
    seen.push(...idsOf(sealed))
    after = sealed.at(-1)?.position ?? after
    if ((wasWritten && sealed.length === 0) || seen.length > most) break
  }
  await finished
  return seen
}

async function sealRest({ trail }: Storage): Promise<void> {
  const batch = await trail.open(100)
  if (batch.events.length > 0) await trail.seal(sealingOf(batch))
}
