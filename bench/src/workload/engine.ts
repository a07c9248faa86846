import { randomBytes } from 'node:crypto'
import type { Countersign, SigningAlgorithm } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'

/** An engine at work: what each group measures. */
export interface Bench {
  readonly countersign: Countersign
  readonly identities: readonly Account[]
}

/** Somebody who can log in. */
export interface Account {
  readonly identity: string
  readonly clientSecret: string
}

/** What differs from the defaults of an engine. */
export interface BenchOptions {
  readonly accounts: number
  readonly algorithm?: SigningAlgorithm
  /** Where tokens may be presented; anywhere by default. */
  readonly sources?: readonly string[]
  /** How long a standing may be repeated; 1 s by default. */
  readonly cacheTtl?: number
}

export const ISSUER = 'https://id.example.com'

/** Where every request comes from. */
export const SOURCE = Object.freeze({ address: '203.0.113.77' })

/** Ten networks; the last but one holds the source. */
export const TEN_NETWORKS: readonly string[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.51.100.0/24',
  '192.0.2.16/28',
  '100.64.0.0/10',
  '2001:db8::/32',
  '2001:db8:ffff::/48',
  '203.0.113.0/24',
  'fd00::/8',
]

/** Creates an engine with storage in memory, one organization and some identities with a client secret each. */
export async function createBench(options: BenchOptions): Promise<Bench> {
  const { algorithm = 'EdDSA', sources, cacheTtl } = options
  const countersign = createCountersign({
    issuer: ISSUER,
    rootKeys: [randomBytes(32).toString('base64url')],
    storage: memoryStorage(),
    signing: { algorithm },
    cacheTtl,
  })
  await countersign.ready()
  const host = countersign.asHost('bench')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const identities: Account[] = []
  for (let count = 0; count < options.accounts; count += 1) {
    const { identity } = await host.identities.create({
      organization: 'acme',
      name: `worker-${count}`,
      authMethod: {
        method: 'universal',
        ...(sources !== undefined && { tokenPolicy: { trustedSources: { token: sources } } }),
      },
    })
    const key = { organization: 'acme', identity: identity.id }
    const { clientSecret } = await host.clientSecrets.create(key)
    identities.push({ identity: identity.id, clientSecret })
  }
  return { countersign, identities }
}

/** Logs an account in, and answers its token. */
export async function logIn(
  countersign: Countersign,
  { identity, clientSecret }: Account,
): Promise<string> {
  const credential = { clientSecret }
  const grant = await countersign.login({ method: 'universal', identity, credential }, SOURCE)
  return grant.accessToken
}

/** Logs everybody in, once each. */
export async function logEverybodyIn(bench: Bench): Promise<string[]> {
  const tokens: string[] = []
  for (const account of bench.identities) tokens.push(await logIn(bench.countersign, account))
  return tokens
}
