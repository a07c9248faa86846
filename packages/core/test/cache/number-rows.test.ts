import { LRUCache } from 'lru-cache'
import { describe, expect, test } from 'vitest'
import { createNumberRows, nameOfKey } from '../../src/cache/number-rows.ts'

/** Numbers that look drawn by chance, and are the same in each run. */
function createDraw(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

describe('createNumberRows()', () => {
  test('answers what was written, and nothing else', () => {
    const rows = createNumberRows(10, 2)
    expect(rows.get(nameOfKey('a'))).toBeUndefined()
    rows.set(nameOfKey('a'), [1, 2.5])
    rows.set(nameOfKey('b'), [-3, 1e15])
    rows.set(nameOfKey('a'), [4, 5])
    expect(rows.get(nameOfKey('a'))).toEqual([4, 5])
    expect(rows.get(nameOfKey('b'))).toEqual([-3, 1e15])
    expect(rows.get(nameOfKey('c'))).toBeUndefined()
  })

  test('forgets the row that was used longest ago', () => {
    const rows = createNumberRows(2, 1)
    rows.set(nameOfKey('a'), [1])
    rows.set(nameOfKey('b'), [2])
    rows.get(nameOfKey('a'))
    rows.set(nameOfKey('c'), [3])
    expect(['a', 'b', 'c'].map((key) => rows.get(nameOfKey(key))?.[0])).toEqual([1, undefined, 3])
  })

  test.each([1, 2, 3, 64, 100])(
    'does as a cache of objects does, with room for %i rows and names that share their ends',
    (most) => {
      const rows = createNumberRows(most, 2)
      const model = new LRUCache<string, readonly number[]>({ max: most })
      const draw = createDraw(most)
      // Names that differ in one byte, each in another word, fall into few buckets.
      const names = Array.from({ length: 3 * most + 2 }, (_, at) =>
        String.fromCharCode(
          ...Array.from({ length: 32 }, (_, byte) => (byte === at % 16 ? at >> 4 : 0)),
        ),
      )
      for (let step = 0; step < 20_000; step += 1) {
        const name = names[draw(names.length)] ?? ''
        if (draw(2) === 0) {
          const row = [step, draw(1000)]
          rows.set(name, row)
          model.set(name, row)
        } else expect(rows.get(name)).toEqual(model.get(name))
      }
    },
  )
})
