import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import type { Record } from './support/history.ts'
import { keepsPromises } from './support/history.ts'

const on =
  (node: number) =>
  (verb: Record['verb'], outcome: Record['outcome'], invokedAt: number, completedAt: number) => ({
    ...{ verb, outcome, invokedAt, completedAt, node },
  })
const [a, b] = [on(0), on(1)]
const freely = { bound: 100, limit: undefined }

interface Example {
  readonly what: string
  readonly history: readonly Record[]
  readonly kept: boolean
  readonly limit?: number
}

const examples: readonly Example[] = [
  { what: 'nothing at all', history: [], kept: true },
  {
    what: 'a yes before and a no after the revocation',
    history: [
      a('authenticate', 'ok', 0, 1),
      a('revoke', 'ok', 2, 3),
      b('authenticate', 'no', 4, 5),
    ],
    kept: true,
  },
  {
    what: 'a no before anybody revoked',
    history: [a('authenticate', 'no', 0, 1), a('revoke', 'ok', 2, 3)],
    kept: false,
  },
  {
    what: 'a yes of another node within the bound',
    history: [a('revoke', 'ok', 0, 1), b('authenticate', 'ok', 100, 101)],
    kept: true,
  },
  {
    what: 'a yes of another node beyond the bound',
    history: [a('revoke', 'ok', 0, 1), b('authenticate', 'ok', 102, 103)],
    kept: false,
  },
  {
    what: 'a yes of the very node that revoked, within the bound',
    history: [a('revoke', 'ok', 0, 1), a('authenticate', 'ok', 2, 3)],
    kept: false,
  },
  {
    what: 'a yes while the same node revokes',
    history: [a('revoke', 'ok', 0, 5), a('authenticate', 'ok', 2, 3)],
    kept: true,
  },
  {
    what: 'a renewal after the revocation, within the bound',
    history: [a('revoke', 'ok', 0, 1), b('renew', 'ok', 2, 3)],
    kept: false,
  },
  {
    what: 'a no where a revocation may have been done',
    history: [a('revoke', 'unknown', 0, 1), b('authenticate', 'no', 2, 3)],
    kept: true,
  },
  {
    what: 'a yes long after a revocation that may not have been done',
    history: [a('revoke', 'unknown', 0, 1), b('authenticate', 'ok', 900, 901)],
    kept: true,
  },
  {
    what: 'a yes after a no',
    history: [
      a('revoke', 'unknown', 0, 1),
      b('authenticate', 'no', 2, 3),
      b('authenticate', 'ok', 200, 201),
    ],
    kept: false,
  },
  {
    what: 'as many uses as there are',
    history: [
      a('authenticate', 'ok', 0, 9),
      b('authenticate', 'ok', 0, 9),
      a('authenticate', 'no', 0, 9),
    ],
    kept: true,
    limit: 2,
  },
  {
    what: 'one use too many',
    history: [
      a('authenticate', 'ok', 0, 9),
      b('authenticate', 'ok', 0, 9),
      a('authenticate', 'ok', 0, 9),
    ],
    kept: false,
    limit: 2,
  },
  {
    what: 'an unanswered use that was sent again and counted twice',
    history: [a('authenticate', 'unknown', 0, 1), b('authenticate', 'no', 2, 3)],
    limit: 2,
    kept: true,
  },
  {
    what: 'an unanswered use that would have counted three times',
    history: [a('authenticate', 'unknown', 0, 1), b('authenticate', 'no', 2, 3)],
    limit: 3,
    kept: false,
  },
  {
    what: 'a no where a use may have been counted',
    history: [a('authenticate', 'unknown', 0, 1), b('authenticate', 'no', 2, 3)],
    kept: true,
    limit: 1,
  },
  {
    what: 'a no where uses are left',
    history: [a('authenticate', 'ok', 0, 1), b('authenticate', 'no', 2, 3)],
    kept: false,
    limit: 2,
  },
]

describe('keepsPromises()', () => {
  for (const { what, history, kept, limit } of examples)
    test(`${kept ? 'accepts' : 'finds'} ${what}`, () => {
      assert.equal(keepsPromises(history, { ...freely, limit }), kept)
    })

  test('finds what is wrong among many whose outcome nobody knows', () => {
    const unknown = Array.from({ length: 60 }, (_, at) => a('authenticate', 'unknown', at, at + 1))
    const uses = [100, 102, 104].map((at) => b('authenticate', 'ok', at, at + 1))
    const three = { ...freely, limit: 3 }
    assert.equal(keepsPromises([...unknown, ...uses], three), true)
    const after = b('authenticate', 'ok', 106, 107)
    assert.equal(keepsPromises([...unknown, ...uses, after], three), false)
  })
})
