import type { Contest, Effort } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { createFreshTexts } from '../harness/fresh.ts'
import { each, eachAwaited } from '../harness/timed.ts'
import { createFastJwt, createJose } from '../peers/libraries.ts'
import { createMapCheck } from '../peers/raw.ts'
import type { BenchOptions } from '../workload/engine.ts'
import { createBench, logEverybodyIn, SOURCE, TEN_NETWORKS } from '../workload/engine.ts'
import { publicKeyOf } from '../workload/signing.ts'

const BATCH = 256
const MAP = 'Map.get + exp + generation'

/** A token that was seen before, complete: expiry, revocation, addresses, uses, principal. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const accounts = quick ? 16 : 512
  const any = await prepare({ accounts })
  const listed = await prepare({ accounts, sources: TEN_NETWORKS })
  const asking = await prepare({ accounts, cacheTtl: 0 })
  const key = await publicKeyOf(any.countersign)
  const fastJwt = createFastJwt('EdDSA', key, 10_000)
  const jose = await createJose('EdDSA', key)

  return [
    {
      title: `Hot authenticate(), EdDSA tokens of ${any.length} characters`,
      unit: 'µs',
      contenders: [
        each(MAP, any.inputs, createMapCheck(any.tokens)),
        eachAwaited('countersign', any.inputs, any.authenticate),
        eachAwaited('countersign, 10 networks', listed.inputs, listed.authenticate),
        eachAwaited('countersign, standing asked each time', asking.inputs, asking.authenticate),
        each('fast-jwt, cache hit', any.inputs, fastJwt),
        eachAwaited('jose, one by one', any.inputs, jose),
      ],
      goals: [
        atMost('G1', 'countersign', MAP, 2.5),
        atMost('G1', 'countersign, 10 networks', MAP, 2.5),
        atLeast('G1b', 'countersign', 'fast-jwt, cache hit', 2),
        atLeast('G1b', 'countersign', 'jose, one by one', 60),
      ],
    },
  ]
}

async function prepare(options: BenchOptions) {
  const bench = await createBench(options)
  const { countersign } = bench
  const tokens = await logEverybodyIn(bench)
  const fresh = createFreshTexts(tokens)
  const authenticate = (token: string) => countersign.authenticate(token, SOURCE)
  /** What the authority said holds for a second; a sample is shorter than that. */
  const settle = async (): Promise<void> => {
    for (const token of fresh.next(tokens.length)) await authenticate(token)
  }
  const inputs = { next: () => fresh.next(BATCH), settle }
  return { countersign, tokens, inputs, authenticate, length: tokens[0]?.length }
}
