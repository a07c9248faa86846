import { describe, expect, test } from 'vitest'
import { createRandomPool } from '../../src/lib/random-pool.ts'
import { seededBytes } from './random.ts'

/** A source that counts its questions, and remembers what it answered. */
function aSource() {
  const draw = seededBytes(7)
  const answers: Uint8Array[] = []
  const source = (size: number): Uint8Array => {
    const bytes = draw(size)
    answers.push(bytes)
    return bytes
  }
  return { source, answers }
}

describe('createRandomPool()', () => {
  test('hands out every byte of its source once, in order, and wipes it from the pool', () => {
    const { source, answers } = aSource()
    const random = createRandomPool(source)
    const drawn = Array.from({ length: 200 }, (_, index) => random(1 + (index % 26)))
    const [first = new Uint8Array(0)] = answers
    expect(first.every((byte) => byte === 0)).toBe(false)
    const expected = seededBytes(7)(first.length)
    const handedOut = drawn.flatMap((bytes) => [...bytes])
    expect(handedOut.slice(0, 100)).toEqual([...expected.slice(0, 100)])
    expect([...first.slice(0, 100)]).toEqual(new Array(100).fill(0))
  })

  test('asks once for many draws, and again when the pool is used up', () => {
    const { source, answers } = aSource()
    const random = createRandomPool(source)
    for (let count = 0; count < 300; count += 1) expect(random(26)).toHaveLength(26)
    expect(answers).toHaveLength(2)
  })

  test('keeps no secret: what is long comes from the source itself', () => {
    const { source, answers } = aSource()
    const random = createRandomPool(source)
    expect(random(50)).toBe(answers[0])
    expect(random(32)).toBe(answers[1])
  })

  test('answers bytes that nobody else holds', () => {
    const random = createRandomPool(seededBytes(9))
    const [one, other] = [random(16), random(16)]
    one.fill(0)
    expect(other.some((byte) => byte !== 0)).toBe(true)
    expect(one.buffer).not.toBe(other.buffer)
  })
})
