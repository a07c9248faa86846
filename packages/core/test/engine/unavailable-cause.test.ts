import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { unavailable } from '../../src/errors.ts'

/** An error as libraries throw them: with everything that was at hand. */
function loaded(): Error {
  const inner = Object.assign(new Error('socket hang up'), { password: 'canary-1' })
  return Object.assign(new Error('connect ECONNREFUSED', { cause: inner }), {
    code: 'ECONNREFUSED',
    config: { headers: { authorization: 'Bearer canary-2' } },
    parameters: ['canary-3'],
  })
}

test('LOG-002 unavailable() keeps the words of a cause, and nothing that hangs on it', () => {
  const error = unavailable(loaded())
  const printed = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error)
  expect(printed).not.toMatch(/canary/)
  expect(error.cause).toMatchObject({ message: 'connect ECONNREFUSED', code: 'ECONNREFUSED' })
  assert(error.cause instanceof Error)
  expect(error.cause.stack).toMatch(/loaded/)
})

test.each([undefined, null, 'canary', { secret: 'canary' }])(
  'LOG-002 unavailable() tells of %j, which is no error, only what type it has',
  (thrown) => {
    expect(inspect(unavailable(thrown), { depth: 10, showHidden: true })).not.toMatch(/canary/)
  },
)
