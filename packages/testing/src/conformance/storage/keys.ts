import assert from 'node:assert/strict'
import type { StoredSigningKey, Succession } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import { seedWorkload, standingQueryOf } from './seed.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject, World } from './world.ts'
import { storageCase } from './world.ts'

/** What the store of signing keys does. */
export const keyCases: readonly Case<StorageSubject>[] = [
  storageCase('keys.ensure MUST store the key only if there is none', async (world) => {
    const { keys } = world.storage
    assert.deepEqual((await keys.list()).keys, [])
    const event = world.records.event('signing_key.created')
    assert.deepEqual(await keys.ensure(signingKey('first'), [event]), signingKey('first'))
    const late = world.records.event('signing_key.created')
    assert.deepEqual(await keys.ensure(signingKey('second'), [late]), signingKey('first'))
    assert.deepEqual((await keys.list()).keys, [signingKey('first')])
    assert.deepEqual(await world.eventIds(), [event.id])
  }),
  storageCase(
    'keys.ensure MUST answer all the same key, however many call at once',
    async (world) => {
      const { keys } = world.storage
      const answers = await race(world.racers, (index) =>
        keys.ensure(signingKey(`key ${index}`), [world.records.event('signing_key.created')]),
      )
      const stored = (await keys.list()).keys
      for (const answer of answers) assert.deepEqual([answer], stored)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
  storageCase('keys.list MUST NOT let the reader change what is stored', async (world) => {
    const { keys } = world.storage
    tamper(await keys.ensure(signingKey('first'), []))
    tamper(await keys.list())
    assert.deepEqual((await keys.list()).keys, [signingKey('first')])
  }),
  storageCase(
    'keys.succeed MUST add the successor and supersede the newest key in one step',
    async (world) => {
      const { keys } = world.storage
      await keys.ensure(signingKey('first'), [])
      const event = world.records.event('signing_key.created')
      assert.equal(await keys.succeed(succession('first', 'second', 600), [event]), true)
      assert.equal(await keys.succeed(succession('second', 'third', 1200), []), true)
      assert.deepEqual((await keys.list()).keys, [
        superseded('first', 0, 600),
        superseded('second', 600, 1200),
        signingKey('third', 1200),
      ])
      assert.deepEqual(await world.eventIds(), [event.id])
    },
  ),
  storageCase(
    'keys.succeed MUST answer false and change nothing where another key is the newest by now',
    async (world) => {
      const { keys } = world.storage
      const late = () => world.records.event('signing_key.created')
      assert.equal(await keys.succeed(succession('first', 'second', 600), [late()]), false)
      assert.deepEqual((await keys.list()).keys, [])
      await keys.ensure(signingKey('first'), [])
      await keys.succeed(succession('first', 'second', 600), [])
      const before = await keys.list()
      assert.equal(await keys.succeed(succession('first', 'third', 700), [late()]), false)
      assert.equal(await keys.succeed(succession('unknown', 'third', 700), [late()]), false)
      assert.deepEqual([await keys.list(), await world.eventIds()], [before, []])
    },
  ),
  storageCase(
    'keys.succeed MUST supersede a key once, however many supersede it at once',
    async (world) => {
      const { keys } = world.storage
      await keys.ensure(signingKey('first'), [])
      const answers = await race(world.racers, (index) =>
        keys.succeed(succession('first', `key ${index}`, 600 + index), [
          world.records.event('signing_key.created'),
        ]),
      )
      assert.equal(answers.filter(Boolean).length, 1)
      assert.equal((await keys.list()).keys.length, 2)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
  storageCase(
    'keys.reseal MUST change the seal only while it is the one that was opened',
    async (world) => {
      const { keys } = world.storage
      const key = await keys.ensure(signingKey('first'), [])
      const [from, to] = [key.sealed, 'sealed anew']
      assert.equal(await keys.reseal({ kid: 'first', from, to }), true)
      assert.equal(await keys.reseal({ kid: 'first', from, to: 'sealed too late' }), false)
      assert.equal(await keys.reseal({ kid: 'unknown', from, to }), false)
      assert.deepEqual((await keys.list()).keys, [{ ...key, sealed: to }])
    },
  ),
  storageCase('keys.remove MUST answer false where there is no such key', async (world) => {
    const { keys } = world.storage
    await keys.ensure(signingKey('first'), [])
    await keys.succeed(succession('first', 'second', 600), [])
    const event = world.records.event('signing_key.revoked')
    const late = world.records.event('signing_key.revoked')
    assert.equal(await keys.remove('second', [event]), true)
    assert.deepEqual((await keys.list()).keys, [superseded('first', 0, 600)])
    assert.equal(await keys.remove('second', [late]), false)
    assert.equal(await keys.remove('unknown', [late]), false)
    assert.deepEqual(await world.eventIds(), [event.id])
  }),
  storageCase(
    'keys: the revision MUST rise with each ensure, succeed and remove that changed something',
    async (world) => {
      const { keys } = world.storage
      const revisions = [(await keys.list()).revision]
      const steps = [
        () => keys.ensure(signingKey('first'), []),
        () => keys.succeed(succession('first', 'second', 600), []),
        () => keys.remove('second', []),
        () => keys.remove('first', []),
        () => keys.ensure(signingKey('third'), []),
      ]
      for (const step of steps) {
        await step()
        revisions.push((await keys.list()).revision)
      }
      assert.deepEqual(
        revisions,
        [...new Set(revisions)].sort((one, other) => one - other),
      )
    },
  ),
  storageCase(
    'sweep MUST forget a retired key, and raise the revision of the keys',
    async (world) => {
      const { storage } = world
      await storage.keys.ensure(signingKey('first'), [])
      await storage.keys.succeed(succession('first', 'second', 600), [])
      const { revision } = await storage.keys.list()
      assert.equal(await storage.sweep(at(4199), 10), 0)
      assert.equal((await storage.keys.list()).revision, revision)
      assert.equal(await storage.sweep(at(4200), 10), 1)
      const swept = await storage.keys.list()
      assert.deepEqual(swept.keys, [signingKey('second', 600)])
      assert.ok(swept.revision > revision)
    },
  ),
  storageCase(
    'tokens.find MUST carry the revision of the keys in a standing that is answered afterwards',
    async (world) => {
      const { keys } = world.storage
      const revisionOf = await standingRevision(world)
      for (const step of [
        () => keys.ensure(signingKey('first'), []),
        () => keys.succeed(succession('first', 'second', 600), []),
        () => keys.remove('first', []),
      ]) {
        await step()
        assert.equal(await revisionOf(), (await keys.list()).revision)
      }
    },
  ),
]

async function standingRevision(world: World): Promise<() => Promise<number>> {
  const login = standingQueryOf(await seedWorkload(world), 'sid_1')
  return async () => (await world.storage.tokens.find(login, at(0))).keyRevision
}

function signingKey(kid: string, activeFrom = 0): StoredSigningKey {
  return {
    kid,
    algorithm: 'EdDSA',
    sealed: `sealed ${kid}`,
    createdAt: at(0),
    activeFrom: at(activeFrom),
  }
}

function superseded(kid: string, activeFrom: number, by: number): StoredSigningKey {
  return { ...signingKey(kid, activeFrom), supersededAt: at(by), retiresAt: at(by + 3600) }
}

function succession(kid: string, successor: string, activeFrom: number): Succession {
  return {
    kid,
    successor: signingKey(successor, activeFrom),
    retiresAt: at(activeFrom + 3600),
  }
}
