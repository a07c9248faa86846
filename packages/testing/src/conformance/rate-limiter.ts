import assert from 'node:assert/strict'
import type { RateDemand, RateLimiter } from '@countersign/core/plugin'
import { rollTo, secondsUntilFree } from '@countersign/core/plugin'
import type { Case } from './case.ts'
import { race } from './gate.ts'

/** What the author of a limiter hands over. */
export interface RateLimiterSubject {
  /** Creates a limiter that has counted nothing. */
  createLimiter(): Promise<RateLimiter>
  /** How many callers race; 50 where absent. */
  readonly racers?: number
}

/** What the author of a limiter hands over that forgets what was counted longest ago. */
export interface ForgetfulLimiterSubject {
  /** Creates a limiter that counts at most so many keys. */
  createSmall(most: number): Promise<RateLimiter>
}

const WINDOW = 60
const START = new Date('2026-03-01T12:00:00.000Z')

/** The instant so many seconds after the beginning of a window. */
const at = (seconds: number): Date => new Date(START.getTime() + seconds * 1000)

const demand = (key: string, most: number, window = WINDOW): RateDemand => ({
  key,
  limit: { most, window },
})

type Run = (limiter: RateLimiter, subject: RateLimiterSubject) => Promise<void>

function limiterCase(name: string, run: Run): Case<RateLimiterSubject> {
  return { name, run: async (subject) => run(await subject.createLimiter(), subject) }
}

/** Every rule of the contract of limiters. */
export const rateLimiterCases: readonly Case<RateLimiterSubject>[] = [
  limiterCase(
    'take MUST count every demand once and answer 0 while none of them is beyond its limit at `now`',
    async (limiter) => {
      const both = [demand('a', 3), demand('b', 2)]
      assert.deepEqual(await takeTimes(limiter, 2, both, at(0)), [0, 0])
      assert.notEqual(await limiter.take([demand('b', 2)], at(0)), 0)
      assert.equal(await limiter.take([demand('a', 3)], at(0)), 0)
      assert.notEqual(await limiter.take([demand('a', 3)], at(0)), 0)
    },
  ),
  limiterCase('take MUST count nothing where one of them is beyond', async (limiter) => {
    assert.equal(await limiter.take([demand('full', 1)], at(0)), 0)
    const both = [demand('free', 2), demand('full', 1)]
    for (const answer of await takeTimes(limiter, 5, both, at(0))) assert.notEqual(answer, 0)
    const one = [demand('free', 2)]
    assert.deepEqual((await takeTimes(limiter, 3, one, at(0))).map(Boolean), [false, false, true])
  }),
  limiterCase(
    'take MUST answer after how many whole seconds none will be beyond',
    async (limiter) => {
      const [quick, slow] = [demand('quick', 2), demand('slow', 2, 600)]
      await takeTimes(limiter, 2, [quick], at(0))
      await takeTimes(limiter, 2, [slow], at(0))
      assert.equal(await limiter.take([quick], at(0)), 90)
      assert.equal(await limiter.take([quick, slow], at(0)), 900)
      assert.equal(await limiter.take([quick], at(89)), 1)
      assert.equal(await limiter.take([quick], at(90)), 0)
    },
  ),
  limiterCase('take MUST answer 0 where nothing is demanded', async (limiter) => {
    assert.equal(await limiter.take([], at(0)), 0)
  }),
  limiterCase(
    'take MUST count the window before by the share that a sliding window still covers',
    (limiter) => followModel(limiter),
  ),
  limiterCase('take MUST NOT let go of a count before its second window ends', async (limiter) => {
    const one = [demand('a', 1, 1)]
    assert.equal(await limiter.take(one, at(0)), 0)
    assert.equal(await limiter.take(one, at(1.999)), 1)
    assert.equal(await limiter.take(one, at(2)), 0)
  }),
  limiterCase(
    'take MUST answer 0 no more often than the limit, however many take at once',
    async (limiter, { racers = 50 }) => {
      const answers = await race(racers, async () =>
        limiter.take([demand('a', 7), demand('b', racers)], at(0)),
      )
      assert.equal(answers.filter((answer) => answer === 0).length, 7)
      const left = await takeTimes(limiter, racers, [demand('b', racers)], at(0))
      assert.equal(left.filter((answer) => answer === 0).length, racers - 7)
    },
  ),
]

/** What a limiter does whose memory is bounded by a number of keys; one that lets time forget declares it. */
export const forgetfulLimiterCases: readonly Case<ForgetfulLimiterSubject>[] = [
  {
    name: 'take MUST keep no more keys than it may, whatever is tried',
    async run(subject) {
      const limiter = await subject.createSmall(10)
      assert.equal(await limiter.take([demand('first', 1)], at(0)), 0)
      for (let count = 0; count < 10; count += 1) await limiter.take([demand(`${count}`, 1)], at(0))
      assert.equal(await limiter.take([demand('first', 1)], at(0)), 0)
      assert.notEqual(await limiter.take([demand('9', 1)], at(0)), 0)
    },
  },
]

async function takeTimes(
  limiter: RateLimiter,
  times: number,
  demands: readonly RateDemand[],
  now: Date,
): Promise<readonly number[]> {
  const answers: number[] = []
  for (let count = 0; count < times; count += 1) answers.push(await limiter.take(demands, now))
  return answers
}

/** Asks at uneven instants for a few windows, and expects what the model says each time. */
async function followModel(limiter: RateLimiter): Promise<void> {
  for (const { key, limit } of [demand('a', 5), demand('b', 3, 7), demand('c', 1, 11)]) {
    let counted: ReturnType<typeof rollTo> | undefined
    for (let step = 0; step < 120; step += 1) {
      const now = at(((step * step) % 97) / 53 + step * limit.window * 0.043)
      const rolled = rollTo(counted, limit, now)
      const expected = secondsUntilFree(rolled, limit, now)
      assert.equal(await limiter.take([{ key, limit }], now), expected, `step ${step} of ${key}`)
      counted = expected === 0 ? { ...rolled, count: rolled.count + 1 } : rolled
    }
  }
}
