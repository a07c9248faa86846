import { hash } from 'node:crypto'
import type { Contest, Effort } from '../harness/contest.ts'
import { atMost } from '../harness/contest.ts'
import { createFreshTexts } from '../harness/fresh.ts'
import { each, eachAwaited } from '../harness/timed.ts'
import { createBench, SOURCE } from '../workload/engine.ts'

const HASH = 'crypto.hash + Map.get + exp + generation'

/** An opaque static token as the bearer of each request, seen before. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const { countersign, identities } = await createBench({ accounts: quick ? 16 : 256 })
  const tokens: string[] = []
  for (const { identity } of identities) {
    const { authMethods, staticTokens } = countersign.asHost('bench')
    const key = { organization: 'acme', identity }
    await authMethods.attach({ ...key, method: 'token' })
    const minted = await staticTokens.create({ ...key, name: 'bench' })
    tokens.push(minted.staticToken)
  }
  const fresh = createFreshTexts(tokens)
  const authenticate = (token: string) => countersign.authenticate(token, SOURCE)
  const settle = async (): Promise<void> => {
    for (const token of fresh.next(tokens.length)) await authenticate(token)
  }
  const inputs = { next: () => fresh.next(256), settle }

  return [
    {
      title: `Hot authenticate(), static tokens of ${tokens[0]?.length} characters`,
      unit: 'µs',
      contenders: [
        each(HASH, inputs, createDigestMap(tokens)),
        eachAwaited('countersign', inputs, authenticate),
      ],
      goals: [atMost('G1c', 'countersign', HASH, 2)],
    },
  ]
}

/** The least that opaque tokens take: a digest, a look-up, and whether what was found still counts. */
function createDigestMap(tokens: readonly string[]): (token: string) => string | undefined {
  const digestOf = (token: string): string => hash('sha256', token, 'binary')
  const exp = Date.now() / 1000 + 86_400
  const records = tokens.map((token, index) => {
    const record = { identity: `idn_${index}`, exp, generation: 1 }
    return [digestOf(token), record] as const
  })
  const known = new Map(records)
  const generations = new Map(records.map(([, { identity }]) => [identity, 1]))

  return (token) => {
    const record = known.get(digestOf(token))
    if (record === undefined || Date.now() >= record.exp * 1000) return undefined
    return generations.get(record.identity) === record.generation ? record.identity : undefined
  }
}
