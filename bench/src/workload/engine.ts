import { randomBytes } from 'node:crypto'
import type { Countersign, InvalidationChannel, SigningAlgorithm, Storage } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'

/** An engine at work: what each group measures. */
export interface Bench {
  readonly countersign: Countersign
  readonly identities: readonly Account[]
}

/** Somebody who can log in. */
export interface Account {
  readonly organization: string
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
  /** In memory by default. */
  readonly storage?: Storage
  /** How nodes tell each other what changed; in this process alone by default. */
  readonly channel?: InvalidationChannel
  /** The first organization; `acme` by default. */
  readonly organization?: string
  /** Over how many organizations the identities are spread; one by default. */
  readonly organizations?: number
  /** Where it is not one of the engine's own. */
  readonly rootKey?: string
  /** All requests of a bench come from one address. */
  readonly rateLimits?: 'off'
  /** How often each secret and each token may be used; as often as anybody likes by default. */
  readonly maxUses?: number
  /** Where logins may come from; anywhere by default. */
  readonly loginSources?: readonly string[]
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

/** Creates an engine, organizations and some identities with a client secret each. */
export async function createBench(options: BenchOptions): Promise<Bench> {
  const { algorithm = 'EdDSA', cacheTtl, storage = memoryStorage(), rateLimits, channel } = options
  const countersign = createCountersign({
    issuer: ISSUER,
    rootKeys: [options.rootKey ?? randomBytes(32).toString('base64url')],
    storage,
    signing: { algorithm },
    cacheTtl,
    rateLimits,
    channel,
  })
  await countersign.ready()
  const { organization = 'acme', organizations = 1 } = options
  const names = Array.from({ length: organizations }, (_, place) =>
    place === 0 ? organization : `${organization}-${place}`,
  )
  for (const id of names)
    await countersign.asHost('bench').organizations.create({ id, name: 'Acme' })
  const identities: Account[] = []
  for (let count = 0; count < options.accounts; count += 1) {
    const home = names[count % names.length] ?? organization
    identities.push(await createAccount(countersign, home, options))
  }
  return { countersign, identities }
}

async function createAccount(
  countersign: Countersign,
  organization: string,
  { sources, loginSources, maxUses }: BenchOptions,
): Promise<Account> {
  const host = countersign.asHost('bench')
  const trustedSources = {
    ...(sources !== undefined && { token: sources }),
    ...(loginSources !== undefined && { credential: loginSources }),
  }
  const limit = maxUses === undefined ? {} : { maxUses }
  const { identity } = await host.identities.create({
    organization,
    name: 'worker',
    authMethod: { method: 'universal', tokenPolicy: { trustedSources, ...limit } },
  })
  const key = { organization, identity: identity.id }
  const { clientSecret } = await host.clientSecrets.create({ ...key, ...limit })
  return { ...key, clientSecret }
}

/** Lets an account show a token as it stands, and mints one. */
export async function mintStaticToken(
  countersign: Countersign,
  { organization, identity }: Account,
  limit: { readonly maxUses?: number } = {},
): Promise<string> {
  const { authMethods, staticTokens } = countersign.asHost('bench')
  const key = { organization, identity }
  await authMethods.attach({ ...key, method: 'token' })
  return (await staticTokens.create({ ...key, name: 'bench', ...limit })).staticToken
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
