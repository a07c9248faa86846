import assert from 'node:assert/strict'
import type { StoredSigningKey } from '@countersign/core/plugin'
import type { Case } from '../case.ts'
import { race } from '../gate.ts'
import { at } from './records.ts'
import { tamper } from './tamper.ts'
import type { StorageSubject } from './world.ts'
import { storageCase } from './world.ts'

/** What the store of signing keys does. */
export const keyCases: readonly Case<StorageSubject>[] = [
  storageCase('keys.ensure MUST store the key only if there is none', async (world) => {
    const { keys } = world.storage
    assert.deepEqual(await keys.list(), [])
    const event = world.records.event('signing_key.created')
    assert.deepEqual(await keys.ensure(signingKey('first'), [event]), signingKey('first'))
    const late = world.records.event('signing_key.created')
    assert.deepEqual(await keys.ensure(signingKey('second'), [late]), signingKey('first'))
    assert.deepEqual(await keys.list(), [signingKey('first')])
    assert.deepEqual(await world.eventIds(), [event.id])
  }),
  storageCase(
    'keys.ensure MUST answer all the same key, however many call at once',
    async (world) => {
      const { keys } = world.storage
      const answers = await race(world.racers, (index) =>
        keys.ensure(signingKey(`key ${index}`), [world.records.event('signing_key.created')]),
      )
      const [stored] = await keys.list()
      for (const answer of answers) assert.deepEqual(answer, stored)
      assert.equal((await keys.list()).length, 1)
      assert.equal((await world.eventIds()).length, 1)
    },
  ),
  storageCase('keys.list MUST NOT let the reader change what is stored', async (world) => {
    const { keys } = world.storage
    tamper(await keys.ensure(signingKey('first'), []))
    tamper(await keys.list())
    assert.deepEqual(await keys.list(), [signingKey('first')])
  }),
]

function signingKey(kid: string): StoredSigningKey {
  return {
    kid,
    algorithm: 'EdDSA',
    publicKey: { kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid },
    sealed: `sealed ${kid}`,
    createdAt: at(0),
  }
}
