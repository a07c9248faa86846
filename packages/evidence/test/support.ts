import type { Check } from '@countersign/core/plugin'
import type { OutboundOptions } from '@countersign/evidence'
import { createOutbound } from '@countersign/evidence'

/** Loopback is where fakes live; nobody else may be reached from a test. */
export const LOOPBACK: OutboundOptions = {
  egress: { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true },
}

export const NOON = new Date('2026-03-01T12:00:00Z')

export function onLoopback(more: OutboundOptions = {}) {
  return createOutbound({ ...LOOPBACK, ...more })
}

/** A signal that nobody aborts. */
export const patient = (): AbortSignal => new AbortController().signal

/** A context that keeps what it is told. */
export function aContext({ rehearsal = false } = {}) {
  const checks: Check[] = []
  const notices: string[] = []
  return {
    now: NOON,
    signal: patient(),
    rehearsal,
    check: (check: Check) => void checks.push(check),
    notice: (word: string) => void notices.push(word),
    checks,
    notices,
  }
}
