import assert from 'node:assert/strict'
import type { SinkClaim } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

const one: SinkClaim = { sink: 'siem', holder: 'one', until: at(60) }
const other: SinkClaim = { sink: 'siem', holder: 'other', until: at(90) }

/** Where sinks have come to, and who feeds them. */
export const sinkPlaceCases: readonly Case<StorageSubject>[] = [
  storageCase('sinkPlaces.placeOf MUST answer 0 for a sink that nobody has fed', async (world) => {
    const { sinkPlaces } = world.storage
    assert.equal(await sinkPlaces.placeOf('siem'), 0)
    assert.equal(await sinkPlaces.claim(one, at(0)), 0)
    assert.equal(await sinkPlaces.placeOf('siem'), 0)
  }),
  storageCase("sinkPlaces.advance MUST never move a sink's place backwards", async (world) => {
    const { sinkPlaces } = world.storage
    await sinkPlaces.advance('siem', 5)
    await sinkPlaces.advance('siem', 3)
    assert.equal(await sinkPlaces.placeOf('siem'), 5)
    assert.equal(await sinkPlaces.placeOf('log'), 0)
    await race(world.racers, (index) => sinkPlaces.advance('log', index + 1))
    assert.equal(await sinkPlaces.placeOf('log'), world.racers)
  }),
  storageCase(
    'sinkPlaces.claim MUST answer the place, and keep everybody else from it until its end',
    async (world) => {
      const { sinkPlaces } = world.storage
      await sinkPlaces.advance('siem', 7)
      assert.equal(await sinkPlaces.claim(one, at(0)), 7)
      assert.equal(await sinkPlaces.claim(other, at(59)), undefined)
      assert.equal(await sinkPlaces.claim({ ...other, sink: 'log' }, at(59)), 0)
      assert.equal(await sinkPlaces.claim(other, at(60)), 7)
      assert.equal(await sinkPlaces.claim(one, at(61)), undefined)
    },
  ),
  storageCase('sinkPlaces.claim MUST answer one, however many claim at once', async (world) => {
    const { sinkPlaces } = world.storage
    const answers = await race(world.racers, (index) =>
      sinkPlaces.claim({ ...one, holder: `node ${index}` }, at(0)),
    )
    assert.equal(answers.filter((place) => place !== undefined).length, 1)
  }),
  storageCase("sinkPlaces.claim MUST extend a claim of the holder's own", async (world) => {
    const { sinkPlaces } = world.storage
    await sinkPlaces.claim(one, at(0))
    assert.equal(await sinkPlaces.claim({ ...one, until: at(80) }, at(30)), 0)
    assert.equal(await sinkPlaces.claim(other, at(79)), undefined)
    assert.equal(await sinkPlaces.claim(other, at(80)), 0)
  }),
  storageCase(
    "sinkPlaces.release MUST end a claim of this holder, and nobody else's",
    async (world) => {
      const { sinkPlaces } = world.storage
      await sinkPlaces.claim(one, at(0))
      await sinkPlaces.release('siem', 'other')
      assert.equal(await sinkPlaces.claim(other, at(1)), undefined)
      await sinkPlaces.release('siem', 'one')
      assert.equal(await sinkPlaces.claim(other, at(1)), 0)
    },
  ),
]
