import type { KeyObject } from 'node:crypto'
import type { SigningAlgorithm } from '@countersign/core'
import type { Contest, Effort } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { each, eachAwaited } from '../harness/timed.ts'
import { createFastJwt, createJose } from '../peers/libraries.ts'
import { createRawCheck } from '../peers/raw.ts'
import type { BenchOptions } from '../workload/engine.ts'
import { createBench, logIn, SOURCE } from '../workload/engine.ts'
import { publicKeyOf, sharedSecret, signedAgain } from '../workload/signing.ts'

/** How much of the raw check each algorithm may cost. */
const LIMITS: Readonly<Record<SigningAlgorithm, number>> = {
  EdDSA: 1.15,
  ES256: 1.15,
  RS256: 1.25,
  HS256: 1.6,
}

/** A token that was never seen, of a login that was: every sample spends tokens of its own. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const algorithms: readonly SigningAlgorithm[] = ['EdDSA', 'ES256', 'RS256', 'HS256']
  return Promise.all(algorithms.map((algorithm) => contest(algorithm, quick ? 4 : 64)))
}

async function contest(algorithm: SigningAlgorithm, batch: number): Promise<Contest> {
  const { own, peers, key, countersign } = await prepare({ accounts: 1, algorithm }, batch)
  const jose = await createJose(algorithm, key)
  return {
    title: `First sight of a token, ${algorithm}`,
    unit: 'µs',
    contenders: [
      each('by hand', peers, createRawCheck(algorithm, key)),
      eachAwaited('countersign', own, (token) => countersign.authenticate(token, SOURCE)),
      each('fast-jwt', peers, createFastJwt(algorithm, key, false)),
      eachAwaited('jose, one by one', peers, jose),
    ],
    goals: [
      atMost('G2', 'countersign', 'by hand', LIMITS[algorithm]),
      atLeast('G2', 'countersign', 'fast-jwt', 1),
    ],
  }
}

async function prepare(options: BenchOptions, batch: number) {
  const { countersign, identities } = await createBench(options)
  const [account] = identities
  if (account === undefined) throw new Error('There is nobody to log in')
  const first = await logIn(countersign, account)

  /** Renewed tokens are new ones of a login whose standing is known. */
  async function renewed(): Promise<readonly string[]> {
    await countersign.authenticate(first, SOURCE)
    const tokens: string[] = []
    for (let count = 0; count < batch; count += 1)
      tokens.push((await countersign.renew(first, SOURCE)).accessToken)
    return tokens
  }

  const symmetric = options.algorithm === 'HS256'
  const key: KeyObject = symmetric ? sharedSecret : await publicKeyOf(countersign)
  const own = { next: renewed }
  const peers = symmetric ? { next: async () => (await renewed()).map(signedAgain) } : own
  return { own, peers, key, countersign }
}
