import type { Contest, Effort } from '../harness/contest.ts'
import { atLeast, atMost } from '../harness/contest.ts'
import { createFreshTexts } from '../harness/fresh.ts'
import { eachAwaited } from '../harness/timed.ts'
import { createBetterAuthKeys } from '../peers/better-auth-keys.ts'
import { createBench, mintStaticToken, SOURCE } from '../workload/engine.ts'

const BATCH = 64
const PEER = 'better-auth, 10 keys'

/** Static tokens as API keys, storage in memory: shown again within a second, and each one asked anew. */
export async function contests({ quick }: Effort): Promise<readonly Contest[]> {
  const many = quick ? 200 : 100_000
  const few = await createBetterAuthKeys(10)
  const more = await createBetterAuthKeys(quick ? 20 : 1000)
  const [small, large] = ['10 tokens', `${many.toLocaleString('en')} tokens`]
  const contenders = [
    verifying(PEER, few.keys, few.verify),
    verifying(`better-auth, ${more.keys.length} keys`, more.keys, more.verify),
    await showing(`countersign, ${small}`, 10),
    await showing(`countersign, ${large}`, many, { shown: 1000 }),
    await showing(`countersign, ${small}, uncached`, 10, { cacheTtl: 0 }),
    await showing(`countersign, ${large}, uncached`, many, { cacheTtl: 0 }),
  ]
  return [
    {
      title: 'An API key, storage in memory',
      unit: 'µs',
      contenders,
      goals: [
        ...[small, large].flatMap((tokens) => [
          atLeast('G6', `countersign, ${tokens}`, PEER, 100),
          atLeast('(G6)', `countersign, ${tokens}, uncached`, PEER, 100),
        ]),
        atMost('G6', `countersign, ${large}`, `countersign, ${small}`, 1.5),
        atMost('G6', `countersign, ${large}, uncached`, `countersign, ${small}, uncached`, 1.5),
      ],
    },
  ]
}

function verifying(
  name: string,
  keys: readonly string[],
  verify: (key: string) => Promise<unknown>,
) {
  const fresh = createFreshTexts(keys)
  return eachAwaited(name, { next: () => fresh.next(BATCH) }, verify)
}

/** Of many tokens, those of a thousand are shown again and again where they shall be remembered. */
async function showing(
  name: string,
  count: number,
  { cacheTtl, shown = count }: { readonly cacheTtl?: number; readonly shown?: number } = {},
) {
  const tokens = await mint(count, cacheTtl)
  const fresh = createFreshTexts(tokens.texts.slice(0, shown))
  const authenticate = (token: string) => tokens.authenticate(token)
  const settle = async (): Promise<void> => {
    for (const token of fresh.next(shown)) await authenticate(token)
  }
  const inputs = { next: () => fresh.next(BATCH), ...(cacheTtl !== 0 && { settle }) }
  return eachAwaited(name, inputs, authenticate)
}

/** A hundred tokens for each identity. */
async function mint(count: number, cacheTtl: number | undefined) {
  const accounts = Math.ceil(count / 100)
  const options = cacheTtl === undefined ? {} : { cacheTtl }
  const { countersign, identities } = await createBench({ accounts, ...options })
  const { staticTokens } = countersign.asHost('bench')
  const texts: string[] = []
  for (const account of identities) {
    texts.push(await mintStaticToken(countersign, account))
    const { organization, identity } = account
    for (let more = 1; more < 100 && texts.length < count; more += 1)
      texts.push(
        (await staticTokens.create({ organization, identity, name: `${more}` })).staticToken,
      )
  }
  return { texts, authenticate: (token: string) => countersign.authenticate(token, SOURCE) }
}
