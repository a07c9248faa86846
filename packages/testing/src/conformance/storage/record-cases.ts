import assert from 'node:assert/strict'
import { seedOrganization } from './seed.ts'
import type { SharedCase } from './shared.ts'
import { prepare } from './shared.ts'
import { tamper } from './tamper.ts'

/** What every store of records does. */
export const recordCases: readonly SharedCase[] = [
  {
    words: 'find MUST answer what insert was given, and undefined for an unknown id',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const [row, unknown] = [make('first'), make('second')]
      assert.equal(await store.insert(row, []), true)
      assert.deepEqual(await store.find(...kind.keyOf(row)), row)
      assert.equal(await store.find(...kind.keyOf(unknown)), undefined)
    },
  },
  {
    words: 'insert MUST answer false and change nothing where the key is taken',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      await store.insert(row, [])
      assert.equal(await store.insert(kind.revise(row), []), false)
      assert.deepEqual(await store.find(...kind.keyOf(row)), row)
    },
  },
  {
    words: 'insert MUST write its events together with the record, and none where it answers false',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      const events = [world.records.event(), world.records.event()]
      await store.insert(row, events)
      await store.insert(row, [world.records.event()])
      assert.deepEqual(
        await world.eventIds(),
        events.map(({ id }) => id),
      )
    },
  },
  {
    words: 'remove MUST take the record away, and answer false where there is none',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const [row, other] = [make('first'), make('second')]
      await store.insert(row, [])
      await store.insert(other, [])
      assert.equal(await store.remove(kind.keyOf(row), []), true)
      assert.equal(await store.find(...kind.keyOf(row)), undefined)
      assert.equal(await store.remove(kind.keyOf(row), []), false)
      assert.deepEqual(await store.find(...kind.keyOf(other)), other)
    },
  },
  {
    words: 'remove MUST write its events together with the change, and none where it answers false',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      const event = world.records.event()
      await store.insert(row, [])
      await store.remove(kind.keyOf(row), [event])
      await store.remove(kind.keyOf(row), [world.records.event()])
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  },
  {
    words: 'insert MUST NOT let the caller change what is stored',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      const given = structuredClone(row)
      await store.insert(given, [])
      tamper(given)
      assert.deepEqual(await store.find(...kind.keyOf(row)), row)
    },
  },
  {
    words: 'find MUST NOT let the reader change what is stored',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      await store.insert(row, [])
      tamper(await store.find(...kind.keyOf(row)))
      assert.deepEqual(await store.find(...kind.keyOf(row)), row)
    },
  },
  {
    words: 'page MUST NOT let the reader change what is stored',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      await store.insert(row, [])
      const query = { filter: kind.filterOf(row), order: 'id', limit: 10 } as const
      tamper(await store.page(query))
      assert.deepEqual((await store.page(query)).rows, [row])
    },
  },
]

/** What stores of records with revisions do. */
export const revisionCases: readonly SharedCase[] = [
  {
    words: 'replace MUST change the record if the stored revision is the new one less one',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      await store.insert(row, [])
      assert.equal(await store.replace(kind.revise(row), []), true)
      assert.deepEqual(await store.find(...kind.keyOf(row)), kind.revise(row))
    },
  },
  {
    words: 'replace MUST change nothing if the stored revision is any other',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      const second = kind.revise(row)
      await store.insert(row, [])
      assert.equal(await store.replace(row, []), false)
      assert.equal(await store.replace(kind.revise(second), []), false)
      await store.replace(second, [])
      assert.equal(await store.replace(second, []), false)
      assert.equal(await store.replace(row, []), false)
      assert.deepEqual(await store.find(...kind.keyOf(row)), second)
    },
  },
  {
    words: 'replace MUST answer false where there is no such record, and make none',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      assert.equal(await store.replace(kind.revise(row), []), false)
      assert.equal(await store.find(...kind.keyOf(row)), undefined)
    },
  },
  {
    words:
      'replace MUST write its events together with the change, and none where it answers false',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      const event = world.records.event()
      await store.insert(row, [])
      await store.replace(kind.revise(row), [event])
      await store.replace(kind.revise(row), [world.records.event()])
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  },
  {
    words: 'find MUST NOT change a record under its reader',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      await store.insert(row, [])
      const read = await store.find(...kind.keyOf(row))
      await store.replace(kind.revise(row), [])
      assert.deepEqual(read, row)
    },
  },
]

/** What stores of records that belong to an organization do. */
export const ownedCases: readonly SharedCase[] = [
  {
    words: 'find MUST answer an id of another organization like an unknown one',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const { id: foreign } = await seedOrganization(world)
      const row = make('first')
      await store.insert(row, [])
      assert.equal(await store.find(...kind.keyOf(kind.move(row, foreign))), undefined)
    },
  },
  {
    words: 'replace MUST answer an id of another organization like an unknown one',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const { id: foreign } = await seedOrganization(world)
      const row = make('first')
      await store.insert(row, [])
      assert.equal(await store.replace(kind.move(kind.revise(row), foreign), []), false)
      assert.deepEqual(await store.find(...kind.keyOf(row)), row)
    },
  },
  {
    words: 'remove MUST answer an id of another organization like an unknown one',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const { id: foreign } = await seedOrganization(world)
      const row = make('first')
      await store.insert(row, [])
      assert.equal(await store.remove(kind.keyOf(kind.move(row, foreign)), []), false)
      assert.deepEqual(await store.find(...kind.keyOf(row)), row)
    },
  },
  {
    words: 'page MUST NOT show what belongs to another organization',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = make('first')
      await store.insert(row, [])
      const { store: same, make: makeElsewhere } = await prepare(world, kind)
      const foreign = makeElsewhere('first')
      await same.insert(foreign, [])
      const { rows } = await store.page({ filter: kind.filterOf(row), order: 'id', limit: 10 })
      assert.deepEqual(rows, [row])
    },
  },
  {
    words: 'insert MUST answer false and write no event where what the record belongs to is gone',
    async run(world, kind) {
      const { store, make } = await prepare(world, kind)
      const row = kind.move(make('first'), world.records.id('org'))
      assert.equal(await store.insert(row, [world.records.event()]), false)
      assert.equal(await store.find(...kind.keyOf(row)), undefined)
      assert.deepEqual(await world.eventIds(), [])
    },
  },
]
