import { generateKeyPairSync, hash } from 'node:crypto'
import type { SigningAlgorithm } from '@countersign/core'
import bcrypt from 'bcrypt'
import type { Contest, Effort } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { each, eachAwaited } from '../harness/timed.ts'
import type { Account } from '../workload/engine.ts'
import { createBench, logIn } from '../workload/engine.ts'
import { rawSigners, sharedSecret } from '../workload/signing.ts'

const RAW = 'crypto.hash + raw signature'
const BCRYPT = 'bcrypt-10 + raw signature'

/** A login with storage in memory, with its lockout, its address check, its count and its event. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  return [await contest('EdDSA', 1.5, quick), await contest('HS256', 3, quick)]
}

async function contest(
  algorithm: SigningAlgorithm,
  limit: number,
  quick: boolean,
): Promise<Contest> {
  const { countersign, identities } = await createBench({ accounts: 64, algorithm })
  const [account = { organization: '', identity: '', clientSecret: '' }] = identities
  const token = await logIn(countersign, account)
  const input = token.slice(0, token.lastIndexOf('.'))
  const key = algorithm === 'HS256' ? sharedSecret : generateKeyPairSync('ed25519').privateKey
  const signed = (): string =>
    `${input}.${rawSigners[algorithm](Buffer.from(input), key).toString('base64url')}`
  const slow = await bcrypt.hash(account.clientSecret, quick ? 4 : 10)
  const everybody = { next: () => identities }
  const one = { next: () => [account] }

  return {
    title: `A login, ${algorithm}, storage in memory`,
    unit: 'µs',
    contenders: [
      each(RAW, everybody, ({ clientSecret }) => [hash('sha256', clientSecret), signed()]),
      eachAwaited('countersign', everybody, (each: Account) => logIn(countersign, each)),
      eachAwaited(BCRYPT, one, async ({ clientSecret }) => [
        await bcrypt.compare(clientSecret, slow),
        signed(),
      ]),
    ],
    goals: [atMost('G5b', 'countersign', RAW, limit), atLeast('(G5b)', 'countersign', BCRYPT, 100)],
  }
}
