import { describe, expect, test } from 'vitest'
import { createClock } from '../../src/engine/clock.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { HOME, loggedIn } from '../support/workload.ts'

const BEGAN = Date.parse('2026-03-01T12:00:00Z')

/** A local clock, and an authority that is some milliseconds ahead and takes its time to answer. */
function aMeasuredClock() {
  let local = BEGAN
  const state = { ahead: 0, before: 0, after: 0 }
  const storage = {
    async now() {
      local += state.before
      const told = new Date(local + state.ahead)
      local += state.after
      return told
    },
  }
  const clock = createClock(storage, () => new Date(local))
  const measure = async (now: Partial<typeof state>) => {
    Object.assign(state, { before: 0, after: 0 }, now)
    return (await clock.measure()) * 1000
  }
  return { measure, offset: () => clock.now().getTime() - local }
}

describe('the clock of a node', () => {
  test('takes the middle the first time', async () => {
    const { measure, offset } = aMeasuredClock()
    expect(await measure({ ahead: 5000, before: 100, after: 300 })).toBe(4900)
    expect(offset()).toBe(4900)
  })

  test('is left alone where it could be right, however slow the answer', async () => {
    const { measure, offset } = aMeasuredClock()
    await measure({ ahead: 5000 })
    for (const slow of [{ before: 1900 }, { after: 1900 }, { before: 700, after: 1200 }, {}])
      expect(await measure(slow)).toBe(0)
    expect(offset()).toBe(5000)
  })

  test('is moved no further than it must, where it cannot be right', async () => {
    const { measure, offset } = aMeasuredClock()
    await measure({ ahead: 5000 })
    expect(await measure({ ahead: 6000, before: 400, after: 200 })).toBe(800)
    expect(offset()).toBe(5800)
    expect(await measure({ ahead: 5000, before: 100, after: 300 })).toBe(-700)
    expect(offset()).toBe(5100)
    expect(await measure({ ahead: 5000 })).toBe(-100)
  })
})

test('TTL-006 a clock that is put back makes nothing younger that is remembered', async () => {
  let drift = 0
  const engine: TestEngine = anEngine({
    cacheTtl: 1,
    around: (storage) => ({
      ...storage,
      now: async () => new Date(engine.clock.now().getTime() + drift),
    }),
  })
  await engine.countersign.ready()
  const { accessToken, identity } = await loggedIn({ engine })
  await engine.countersign.authenticate(accessToken, HOME)
  const { organization, id } = identity
  await anEngine({ beside: engine }).host.identities.update({ organization, id, disabled: true })
  engine.clock.advance(0.9)
  // Within the second: nobody has told this node.
  await engine.countersign.authenticate(accessToken, HOME)
  drift = -500
  await engine.countersign.maintain()
  engine.clock.advance(0.2)
  const refused = engine.countersign.authenticate(accessToken, HOME)
  await expect(refused).rejects.toMatchObject({ code: 'invalid_token' })
})
