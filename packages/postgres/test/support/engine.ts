import { randomBytes } from 'node:crypto'
import type { Countersign, CountersignOptions, EventSink, Storage } from '@countersign/core'
import { createCountersign } from '@countersign/core'
import type { PostgresPool } from '@countersign/postgres'
import { postgresStorage } from '@countersign/postgres'

/** How an engine of a test differs from the usual one. */
export type EngineSettings = Partial<
  Pick<CountersignOptions, 'rootKeys' | 'cacheTtl' | 'sinks' | 'storage' | 'resources' | 'roles'>
>

/** Where every request of a test comes from. */
export const source = { address: '192.0.2.1' }

/** A root key of a test's own. */
export function aRootKey(): string {
  return randomBytes(32).toString('base64url')
}

/** Creates an engine on a pool, strict unless told otherwise. */
export async function anEngine(
  pool: PostgresPool,
  settings: EngineSettings = {},
): Promise<Countersign> {
  const countersign = createCountersign({
    issuer: 'https://id.example.com',
    rootKeys: [aRootKey()],
    storage: settings.storage ?? postgresStorage({ pool, timeout: 20 }),
    cacheTtl: 0,
    rateLimits: 'off',
    ...settings,
  })
  await countersign.ready()
  return countersign
}

/** A workload that can log in. */
export interface Workload {
  readonly organization: string
  readonly identity: string
  readonly clientSecret: string
  readonly secret: string
}

/** How a workload of a test may log in. */
export interface WorkloadSettings {
  readonly name?: string
  /** How often its secret may be used. */
  readonly maxUses?: number
  /** How often each of its tokens may be used. */
  readonly tokenUses?: number
  /** Whether failures are counted, as they are by default elsewhere. */
  readonly lockout?: boolean
}

/** Creates an organization, an identity in it and a secret. */
export async function aWorkload(
  countersign: Countersign,
  { name = 'worker', maxUses, tokenUses, lockout = false }: WorkloadSettings = {},
): Promise<Workload> {
  const host = countersign.asHost('test')
  const { id: organization } = await host.organizations.ensure({ id: 'acme', name: 'Acme' })
  const { identity } = await host.identities.create({
    organization,
    name,
    authMethod: {
      method: 'universal',
      ...(!lockout && { lockout: 'off' }),
      ...(tokenUses !== undefined && { tokenPolicy: { maxUses: tokenUses } }),
    },
  })
  const limit = maxUses === undefined ? {} : { maxUses }
  const key = { organization, identity: identity.id }
  const { clientSecret, id } = await host.clientSecrets.create({ ...key, ...limit })
  return { organization, identity: identity.id, clientSecret, secret: id }
}

/** Logs a workload in. */
export async function logIn(
  countersign: Countersign,
  { identity, clientSecret }: Pick<Workload, 'identity' | 'clientSecret'>,
): Promise<string> {
  const credential = { clientSecret }
  const grant = await countersign.login({ method: 'universal', identity, credential }, source)
  return grant.accessToken
}

/** A sink that keeps what a file would: one line of JSON for each event. */
export function lineSink(lines: string[]): EventSink {
  return { name: 'file', write: (events) => void lines.push(...events.map(toLine)) }
}

const toLine = (event: unknown): string => JSON.stringify(event)

/** A storage whose verbs are those of another one, except for some. */
export function around(storage: Storage, verbs: Partial<Storage>): Storage {
  return { ...storage, ...verbs }
}
