import type { KeyObject } from 'node:crypto'
import type { SigningAlgorithm } from '@countersign/core'
import type { Contender, Contest, Effort, Goal } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'
import { createFreshTexts } from '../harness/fresh.ts'
import type { Inputs } from '../harness/timed.ts'
import { each, eachAwaited } from '../harness/timed.ts'
import { createFastJwt, createJose } from '../peers/libraries.ts'
import { createBench, logEverybodyIn, SOURCE } from '../workload/engine.ts'
import { forge, publicKeyOf, sharedSecret } from '../workload/signing.ts'

/** Texts that are no token, one for each way to be none. */
const MALFORMED = [
  'abc',
  'not.a.token',
  'eyJhbGciOiJFZERTQSJ9.e30',
  'eyJhbGciOiJFZERTQSJ9.e30.AAAA.AAAA',
  `${'x'.repeat(300)}.${'y'.repeat(300)}.${'z'.repeat(86)}`,
]

/** What a "no" costs its caller, the value or the error that says so included. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const batch = quick ? 4 : 64
  return [
    await malformed(batch),
    await forged(batch, 'HS256', [atMost('G12', 'countersign', 'fast-jwt with catch', 0.5)]),
    await forged(batch, 'EdDSA', []),
  ]
}

async function malformed(batch: number): Promise<Contest> {
  const { tryIt, peers } = await prepare('EdDSA')
  const inputs = { next: cutter(MALFORMED, batch) }
  return {
    title: 'A malformed token',
    unit: 'µs',
    contenders: [eachAwaited('countersign', inputs, tryIt), ...peers(inputs)],
    goals: [atMost('G12', 'countersign', 'fast-jwt with catch', 0.4)],
  }
}

/** With public keys the signature check is nearly all that a forged token costs anybody. */
async function forged(
  batch: number,
  algorithm: SigningAlgorithm,
  goals: readonly Goal[],
): Promise<Contest> {
  const { countersign, good, tryIt, peers } = await prepare(algorithm)
  const inputs = { next: forger(good, batch) }
  const renewed = { next: () => inTurn(batch, () => countersign.renew(good, SOURCE)) }
  return {
    title: `A forged token, ${algorithm}`,
    unit: 'µs',
    contenders: [
      eachAwaited('countersign', inputs, tryIt),
      eachAwaited('countersign, a good token', renewed, ({ accessToken }) => tryIt(accessToken)),
      ...peers(inputs),
    ],
    goals: [...goals, atMost('G12', 'countersign', 'countersign, a good token', 1.2)],
  }
}

async function prepare(algorithm: SigningAlgorithm) {
  const bench = await createBench({ accounts: 1, algorithm })
  const { countersign } = bench
  const [good = ''] = await logEverybodyIn(bench)
  const key = algorithm === 'HS256' ? sharedSecret : await publicKeyOf(countersign)
  const tryIt = (token: string) => countersign.tryAuthenticate(token, SOURCE)
  return { countersign, good, tryIt, peers: await peersOf(algorithm, key) }
}

async function peersOf(
  algorithm: SigningAlgorithm,
  key: KeyObject,
): Promise<(inputs: Inputs<string>) => readonly Contender[]> {
  const fastJwt = createFastJwt(algorithm, key, false)
  const jose = await createJose(algorithm, key)
  return (inputs) => [
    each('fast-jwt with catch', inputs, (token) => {
      try {
        return fastJwt(token)
      } catch (error) {
        return error
      }
    }),
    eachAwaited('jose with catch', inputs, (token) => jose(token).catch((error: unknown) => error)),
  ]
}

function cutter(texts: readonly string[], count: number): () => readonly string[] {
  const fresh = createFreshTexts(texts)
  return () => fresh.next(count)
}

function forger(good: string, count: number): () => readonly string[] {
  let serial = 0
  return () =>
    Array.from({ length: count }, () => {
      serial += 1
      return forge(good, serial)
    })
}

async function inTurn<T>(count: number, make: () => Promise<T>): Promise<readonly T[]> {
  const made: T[] = []
  for (let index = 0; index < count; index += 1) made.push(await make())
  return made
}
