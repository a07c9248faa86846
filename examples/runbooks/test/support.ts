import { randomBytes } from 'node:crypto'
import type {
  Countersign,
  CountersignOptions,
  MintedClientSecret,
  Storage,
} from '@countersign/core'
import { createCountersign, isCountersignError, memoryStorage } from '@countersign/core'

export const ISSUER = 'https://id.example.com'
export const HOME = { address: '192.0.2.1' }
export const FOREIGN = { address: '203.0.113.9' }

/** Makes a root key. */
export function aKey(): string {
  return randomBytes(32).toString('base64url')
}

/** An engine, and what it stands on. */
export interface Deployment {
  readonly countersign: Countersign
  readonly storage: Storage
  readonly begun: Date
}

/** Creates an engine, on memory unless a storage is given. */
export function aDeployment(given: Partial<CountersignOptions> = {}): Deployment {
  const { storage = memoryStorage() } = given
  const options: CountersignOptions = { issuer: ISSUER, rootKeys: [aKey()], ...given, storage }
  return { countersign: createCountersign(options), storage, begun: new Date(Date.now() - 1000) }
}

/** Somebody who may log in. */
export interface Workload {
  readonly organization: string
  readonly identity: string
  readonly secret: MintedClientSecret
  login(clientSecret?: string, from?: typeof HOME, engine?: Countersign): Promise<string>
}

/** Registers somebody with a client secret. */
export async function aWorkload(countersign: Countersign, maxUses?: number): Promise<Workload> {
  const host = countersign.asHost('test')
  const { id: organization } = await host.organizations.ensure({ id: 'acme', name: 'Acme' })
  const { identity } = await host.identities.create({
    organization,
    name: 'worker',
    authMethod: { method: 'universal', tokenPolicy: { maxUses } },
  })
  const secret = await host.clientSecrets.create({ organization, identity: identity.id })
  return {
    organization,
    identity: identity.id,
    secret,
    async login(clientSecret = secret.clientSecret, from = HOME, engine = countersign) {
      const credential = { clientSecret }
      const request = { method: 'universal', identity: identity.id, credential } as const
      return (await engine.login(request, from)).accessToken
    },
  }
}

/** What became of a call: `ok`, or its code. */
export async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'ok'
  } catch (error) {
    if (isCountersignError(error)) return error.code
    throw error
  }
}
