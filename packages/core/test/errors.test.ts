import { describe, expect, test } from 'vitest'
import type { ErrorCode } from '../src/errors.ts'
import { CountersignError } from '../src/errors.ts'

const framesOf = (code: ErrorCode): number =>
  (new CountersignError(code, 'No').stack ?? '').split('\n').length - 1

describe('CountersignError', () => {
  test.each(['invalid_credential', 'invalid_token', 'locked_out', 'rate_limited'] as const)(
    'has no frames for %s, which any stranger can cause',
    (code) => {
      expect(framesOf(code)).toBe(0)
    },
  )

  test.each(['invalid_request', 'unavailable', 'conflict', 'not_found'] as const)(
    'says where %s came from',
    (code) => {
      expect(framesOf(code)).toBeGreaterThan(1)
    },
  )

  test('leaves the stacks of everybody else as they were', () => {
    const before = Error.stackTraceLimit
    framesOf('invalid_token')
    expect(Error.stackTraceLimit).toBe(before)
    expect(new Error('another').stack).toContain('errors.test.ts')
  })
})
