import assert from 'node:assert/strict'
import type { IdempotencyStore, KeptRequest } from '@countersign/core/plugin'
import type { Case } from './case.ts'
import { race } from './gate.ts'

/** What the author of an idempotency store hands over. */
export interface IdempotencySubject {
  /** Creates a store that keeps nothing. */
  createStore(): Promise<IdempotencyStore>
  /** How many callers race; 50 where absent. */
  readonly racers?: number
}

const NOW = new Date('2026-03-01T12:00:00.000Z')
const LATER = new Date('2026-03-01T12:01:00.000Z')
const NEXT_DAY = new Date('2026-03-02T12:00:00.000Z')

const asked = (fingerprint: string): KeptRequest => ({ fingerprint, until: LATER })
const done = (fingerprint: string): Required<KeptRequest> => ({
  fingerprint,
  until: NEXT_DAY,
  made: { answer: '{"id":"idn_1"}' },
})

type Run = (store: IdempotencyStore, subject: IdempotencySubject) => Promise<void>

function idempotencyCase(name: string, run: Run): Case<IdempotencySubject> {
  return { name, run: async (subject) => run(await subject.createStore(), subject) }
}

/** Every rule of the contract of idempotency stores. */
export const idempotencyCases: readonly Case<IdempotencySubject>[] = [
  idempotencyCase('begin MUST answer what stands there that is not over', async (store) => {
    assert.equal(await store.begin('a', asked('one'), NOW), undefined)
    assert.deepEqual(await store.begin('a', asked('two'), NOW), asked('one'))
    assert.equal(await store.begin('b', asked('two'), NOW), undefined)
    await store.finish('a', done('one'))
    assert.deepEqual(await store.begin('a', asked('one'), LATER), done('one'))
  }),
  idempotencyCase(
    'begin MUST keep a request where what stands is over, to the instant',
    async (store) => {
      const before = (instant: Date): Date => new Date(instant.getTime() - 1)
      await store.begin('a', asked('one'), NOW)
      assert.ok(await store.begin('a', asked('two'), before(LATER)))
      assert.equal(
        await store.begin('a', { fingerprint: 'two', until: NEXT_DAY }, LATER),
        undefined,
      )
      await store.finish('a', done('two'))
      assert.deepEqual(await store.begin('a', asked('two'), before(NEXT_DAY)), done('two'))
      assert.equal(await store.begin('a', asked('three'), NEXT_DAY), undefined)
      // Whoever begins anew has made nothing yet.
      const standing = await store.begin('a', asked('three'), NOW)
      assert.equal(standing?.made, undefined)
    },
  ),
  idempotencyCase(
    'begin MUST let one of any number at once begin',
    async (store, { racers = 50 }) => {
      const answers = await race(racers, (place) => store.begin('a', asked(`${place}`), NOW))
      const kept = answers.filter((answer) => answer === undefined)
      const told = new Set(answers.flatMap((answer) => answer?.fingerprint ?? []))
      assert.equal(kept.length, 1)
      assert.equal(told.size, 1)
    },
  ),
  idempotencyCase(
    'finish MUST change nothing but its own request that is not finished',
    async (store) => {
      await store.finish('a', done('one'))
      assert.equal(await store.begin('a', asked('one'), NOW), undefined)
      await store.finish('a', done('other'))
      await store.finish('b', done('one'))
      assert.deepEqual(await store.begin('a', asked('one'), NOW), asked('one'))
      await store.finish('a', done('one'))
      await store.finish('a', { ...done('one'), made: { id: 'late' } })
      assert.deepEqual(await store.begin('a', asked('one'), NOW), done('one'))
    },
  ),
  idempotencyCase(
    'forget MUST take away nothing but its own request that is not finished',
    async (store) => {
      await store.begin('a', asked('one'), NOW)
      await store.forget('a', 'other')
      await store.forget('b', 'one')
      assert.deepEqual(await store.begin('a', asked('two'), NOW), asked('one'))
      await store.forget('a', 'one')
      assert.equal(await store.begin('a', asked('two'), NOW), undefined)
      await store.finish('a', done('two'))
      await store.forget('a', 'two')
      assert.deepEqual(await store.begin('a', asked('two'), NOW), done('two'))
    },
  ),
]
