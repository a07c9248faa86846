import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { refuseClientSecret } from '@countersign/core/plugin'
import bcrypt from 'bcrypt'
// The digest is core's own business, and no path of the package leads here: this is its source, compiled.
import { digestSecret, parseRootKey } from '../../../packages/core/src/lib/root-key.ts'
import type { Contest, Effort } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { createFreshTexts } from '../harness/fresh.ts'
import { each, eachAwaited } from '../harness/timed.ts'
import { createBench } from '../workload/engine.ts'

const HASH = 'crypto.hash + timingSafeEqual'

/** The check of a client secret alone: digest, look-up, and whether it still opens anything. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const { countersign, identities } = await createBench({ accounts: 1 })
  const [account = { organization: '', identity: '', clientSecret: '' }] = identities
  const key = { organization: 'acme', identity: account.identity }
  const { items } = await countersign.asHost('bench').clientSecrets.list(key)
  const [record] = items
  if (record === undefined) throw new Error('The secret is not listed')
  const rootKey = parseRootKey(randomBytes(32).toString('base64url'))
  if (typeof rootKey === 'string') throw new Error(rootKey)
  const digestOf = (secret: string): string => digestSecret(rootKey, 'credential', secret)
  const records = new Map([[digestOf(account.clientSecret), record]])
  const hashed = hash('sha256', account.clientSecret, 'buffer')
  const slow = await bcrypt.hash(account.clientSecret, quick ? 4 : 10)
  const fresh = createFreshTexts([account.clientSecret])
  const many = { next: () => fresh.next(quick ? 4 : 256) }
  const one = { next: () => fresh.next(1) }

  return [
    {
      title: 'The check of a client secret alone, peppered',
      unit: 'µs',
      contenders: [
        each(HASH, many, (secret) => timingSafeEqual(hash('sha256', secret, 'buffer'), hashed)),
        each('countersign', many, (secret) => {
          const found = records.get(digestOf(secret))
          return found === undefined ? 'wrong_secret' : refuseClientSecret(found, new Date())
        }),
        eachAwaited('bcrypt-10', one, (secret) => bcrypt.compare(secret, slow)),
      ],
      goals: [
        atMost('G4', 'countersign', HASH, 4),
        atLeast('(G4)', 'countersign', 'bcrypt-10', 5000),
      ],
    },
  ]
}
