import type { Runtime } from '@countersign/core/plugin'
import { systemRuntime } from '@countersign/core/runtime'
import type { RuntimeSubject } from '@countersign/testing/conformance'
import type { Saboteur } from './saboteur.ts'

export const honestRuntime: RuntimeSubject = { createRuntime: () => systemRuntime }

const withBug = (bug: Partial<Runtime>): RuntimeSubject => ({
  createRuntime: () => ({ ...systemRuntime, ...bug }),
})

let asked = 0
const fixed = new Date()

export const runtimeSaboteurs: readonly Saboteur<RuntimeSubject>[] = [
  {
    bug: 'runs backwards now and then',
    caughtBy: 'clock MUST NOT run backwards',
    subject: withBug({
      clock() {
        asked += 1
        return new Date(systemRuntime.clock().getTime() - (asked % 1000 === 0 ? 500 : 0))
      },
    }),
  },
  {
    bug: 'hands out its own instant',
    caughtBy: 'clock MUST answer an instant that later calls do not change',
    subject: withBug({ clock: () => fixed }),
  },
  {
    bug: 'repeats itself',
    caughtBy: 'random MUST answer as many bytes as it is asked for, and never the same',
    subject: withBug({ random: (size) => new Uint8Array(size).fill(7) }),
  },
  {
    bug: 'draws half of the bytes only',
    caughtBy: 'random MUST answer every byte about equally often',
    subject: withBug({ random: (size) => systemRuntime.random(size).map((byte) => byte & 0x7f) }),
  },
  {
    bug: 'aborts at once',
    caughtBy: 'The signal of deadline MUST abort after `seconds`, and not before',
    subject: withBug({ deadline: () => AbortSignal.abort() }),
  },
  {
    bug: 'keeps the process alive',
    caughtBy: 'The signal of deadline MUST NOT keep the process alive',
    subject: withBug({
      deadline(seconds) {
        const controller = new AbortController()
        const timer = setTimeout(() => controller.abort(), seconds * 1000)
        setTimeout(() => clearTimeout(timer), 50)
        return controller.signal
      },
    }),
  },
  {
    bug: 'does not pause',
    caughtBy: 'pause MUST resolve after `seconds`, and not before',
    subject: withBug({ pause: async () => undefined }),
  },
  {
    bug: 'throws when a pause is cut short',
    caughtBy: 'pause MUST resolve when the signal aborts, and MUST NOT throw',
    subject: withBug({
      async pause(seconds, signal) {
        await systemRuntime.pause(seconds, signal)
        signal.throwIfAborted()
      },
    }),
  },
]
