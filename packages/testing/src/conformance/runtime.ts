import assert from 'node:assert/strict'
import { getActiveResourcesInfo } from 'node:process'
import type { Runtime } from '@countersign/core/plugin'
import type { Case } from './case.ts'
import { within } from './deadline.ts'

/** What the author of a runtime hands over. */
export interface RuntimeSubject {
  createRuntime(): Runtime
}

/** A guard against hanging, in seconds. */
const PATIENCE = 20

/** Timers may fire a little early, and clocks round. */
const TOLERANCE = 20

/** Every rule of the contract of runtimes; it takes a few seconds of real time. */
export const runtimeCases: readonly Case<RuntimeSubject>[] = [
  {
    name: 'clock MUST NOT run backwards',
    async run({ createRuntime }) {
      const { clock } = createRuntime()
      let last = clock()
      for (let count = 0; count < 10_000; count += 1) {
        const now = clock()
        assert.ok(now >= last)
        last = now
      }
    },
  },
  {
    name: 'clock MUST answer an instant that later calls do not change',
    async run({ createRuntime }) {
      const { clock } = createRuntime()
      clock().setTime(0)
      assert.ok(clock().getTime() > 0)
    },
  },
  {
    name: 'random MUST answer as many bytes as it is asked for, and never the same',
    async run({ createRuntime }) {
      const { random } = createRuntime()
      for (const size of [0, 1, 32, 70_000]) assert.equal(random(size).length, size)
      const drawn = Array.from({ length: 10_000 }, () => random(16).join())
      assert.equal(new Set(drawn).size, drawn.length)
    },
  },
  {
    name: 'random MUST answer every byte about equally often',
    async run({ createRuntime }) {
      const counts = new Array<number>(256).fill(0)
      for (const byte of createRuntime().random(65_536)) counts[byte] = (counts[byte] ?? 0) + 1
      // 256 each on average; eight standard deviations are out of reach of chance.
      assert.ok(counts.every((count) => count > 128 && count < 384))
    },
  },
  {
    name: 'The signal of deadline MUST abort after `seconds`, and not before',
    async run({ createRuntime }) {
      const { clock, deadline } = createRuntime()
      const start = clock().getTime()
      const signal = deadline(1)
      assert.equal(signal.aborted, false)
      await within(PATIENCE, 'The deadline', abortionOf(signal))
      assert.ok(clock().getTime() - start >= 1000 - TOLERANCE)
    },
  },
  {
    name: 'The signal of deadline MUST NOT keep the process alive',
    async run({ createRuntime }) {
      const { deadline } = createRuntime()
      const before = getActiveResourcesInfo()
      const signal = deadline(3600)
      assert.deepEqual(getActiveResourcesInfo(), before)
      assert.equal(signal.aborted, false)
    },
  },
  {
    name: 'pause MUST resolve after `seconds`, and not before',
    async run({ createRuntime }) {
      const { clock, pause } = createRuntime()
      const start = clock().getTime()
      await within(PATIENCE, 'The end of the pause', pause(1, new AbortController().signal))
      assert.ok(clock().getTime() - start >= 1000 - TOLERANCE)
    },
  },
  {
    name: 'pause MUST resolve when the signal aborts, and MUST NOT throw',
    async run({ createRuntime }) {
      const { pause } = createRuntime()
      const controller = new AbortController()
      const paused = pause(3600, controller.signal)
      controller.abort(new Error('enough'))
      await within(PATIENCE, 'The end of the pause', paused)
      const again = pause(3600, controller.signal)
      await within(PATIENCE, 'The end of a pause that never began', again)
    },
  },
]

function abortionOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve())
  })
}
