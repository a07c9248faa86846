import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import bcrypt from 'bcrypt'
import type { Contender, Contest, Effort } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'
import { createFreshTexts } from '../harness/fresh.ts'
import { quantile } from '../harness/statistics.ts'
import { createJose } from '../peers/libraries.ts'
import type { Bench } from '../workload/engine.ts'
import { createBench, logEverybodyIn, logIn, SOURCE } from '../workload/engine.ts'
import { publicKeyOf } from '../workload/signing.ts'

const LOGINS = 16
/** A sample must be long enough for the slowest contender to be asked a few times. */
const LONGER = 8
const MOST_PROBES = 4000

/** What one request waits for its answer, the slowest in a hundred, alone and beside sixteen logins. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const bench = await createBench({ accounts: LOGINS })
  const { countersign } = bench
  // One token: what the authority said of it is asked again once a second, which is no p99.
  const [token = ''] = await logEverybodyIn(bench)
  const tokens = createFreshTexts([token])
  const jose = await createJose('EdDSA', await publicKeyOf(countersign))
  const slow = await bcrypt.hash('secret', quick ? 4 : 10)
  const ours = besides(bench.identities.map((account) => () => logIn(countersign, account)))
  const theirs = besides(bench.identities.map(() => () => bcrypt.compare('secret', slow)))
  const authenticate = (token: string) => countersign.authenticate(token, SOURCE)
  const hot = async () => tokens.next(MOST_PROBES)
  const unseen = () => renewed(bench, quick ? 8 : MOST_PROBES / 4)

  return [
    {
      title: 'p99 of one call, idle and beside 16 logins',
      unit: 'µs',
      contenders: [
        p99('countersign hot, idle', hot, authenticate, idle),
        p99('countersign hot, after 2 ms of sleep', hot, authenticate, resting),
        p99('countersign hot, 16 logins', hot, authenticate, ours),
        p99('countersign first sight, idle', unseen, authenticate, idle),
        p99('countersign first sight, 16 logins', unseen, authenticate, ours),
        p99('jose, idle', hot, jose, idle),
        p99('jose, 16 bcrypt logins', hot, jose, theirs),
      ],
      goals: [
        atMost('G3', 'countersign hot, 16 logins', 'countersign hot, idle', 3),
        atMost('G3', 'countersign first sight, 16 logins', 'countersign first sight, idle', 3),
      ],
    },
  ]
}

/** What a call happens beside. */
interface Beside {
  /** Runs the calls while it goes on, and ends it before it answers. */
  readonly around: <T>(run: () => Promise<T>) => Promise<T>
  /** Lets everything else have its turn before the next call. */
  readonly pause: () => Promise<unknown>
}

/** One call right after the other, which keeps every cache of the processor warm. */
const idle: Beside = { around: (run) => run(), pause: () => nextTurn() }

/** A server that waits for its next request. */
const resting: Beside = { around: (run) => run(), pause: () => sleep(2) }

function besides(logins: readonly (() => Promise<unknown>)[]): Beside {
  async function around<T>(run: () => Promise<T>): Promise<T> {
    let going = true
    const loops = logins.map(async (login) => {
      while (going) {
        // Each login begins in a turn of its own, as a request does.
        await nextTurn()
        await login()
      }
    })
    try {
      return await run()
    } finally {
      going = false
      await Promise.all(loops)
    }
  }

  return { around, pause: () => nextTurn() }
}

function p99(
  name: string,
  draw: () => Promise<readonly string[]>,
  act: (token: string) => Promise<unknown>,
  beside: Beside,
): Contender {
  async function probe(tokens: readonly string[], end: number): Promise<number> {
    const waits: number[] = []
    for (const token of tokens) {
      await beside.pause()
      const start = performance.now()
      await act(token)
      waits.push((performance.now() - start) * 1000)
      if (performance.now() > end) break
    }
    return quantile(
      waits.toSorted((a, b) => a - b),
      0.99,
    )
  }

  return {
    name,
    async sample(milliseconds) {
      const tokens = await draw()
      return beside.around(() => probe(tokens, performance.now() + milliseconds * LONGER))
    },
  }
}

async function renewed(
  { countersign, identities }: Bench,
  count: number,
): Promise<readonly string[]> {
  const [account] = identities
  if (account === undefined) return []
  const first = await logIn(countersign, account)
  const tokens: string[] = []
  while (tokens.length < count) tokens.push((await countersign.renew(first, SOURCE)).accessToken)
  return tokens
}
