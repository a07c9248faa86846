import { randomBytes } from 'node:crypto'
import type {
  Countersign,
  Grant,
  IdentityId,
  LockoutInput,
  NewClientSecret,
  Source,
  Storage,
  TokenPolicyInput,
} from '@countersign/core'
import { memoryStorage } from '@countersign/core'
import { createCountersignWith, systemRuntime } from '@countersign/core/runtime'

/** What the hosts of these tests keep: secrets in projects, invoices in the organization. */
const resources = {
  secret: {
    scope: 'project',
    actions: ['read', 'write'],
    attributes: { environment: 'text', path: 'path' },
  },
  invoice: { scope: 'organization', actions: ['read', 'approve'] },
} as const

/** What differs from the usual workload. */
export interface WorkloadGiven {
  readonly issuer?: string
  readonly around?: (storage: Storage) => Storage
  readonly trustedProxies?: readonly string[]
  readonly name?: string
  readonly tokenPolicy?: TokenPolicyInput
  readonly lockout?: LockoutInput
  readonly secret?: Partial<NewClientSecret>
}

/** An identity that can log in, and the engine that knows it. */
export interface Workload {
  readonly countersign: Countersign
  readonly organization: string
  readonly clientId: IdentityId
  readonly clientSecret: string
  readonly clientSecretId: string
  /** Moves the clock of the engine. */
  advance(seconds: number): void
  login(source?: Source): Promise<Grant>
}

/** The organization of every workload. */
export const ORGANIZATION = 'acme'

/** Where workloads live. */
export const HOME: Source = { address: '192.0.2.1' }

/** Makes a workload on an engine of its own, on memory and a clock that stands still. */
export async function aWorkload(given: WorkloadGiven = {}): Promise<Workload> {
  const {
    around = (inner: Storage) => inner,
    issuer = 'https://id.example.com',
    trustedProxies,
  } = given
  let now = new Date('2026-03-01T12:00:00.000Z')
  const clock = (): Date => new Date(now)
  const countersign = createCountersignWith(
    { ...systemRuntime, clock },
    {
      issuer,
      rootKeys: [randomBytes(32).toString('base64url')],
      storage: around(memoryStorage({ clock })),
      cacheTtl: 0,
      trustedProxies,
      resources,
    },
  )
  await countersign.asHost('test').organizations.ensure({ id: ORGANIZATION, name: 'Acme' })
  return {
    ...(await another(countersign, given)),
    advance(seconds) {
      now = new Date(now.getTime() + seconds * 1000)
    },
  }
}

/** Makes one more workload on an engine that there is. */
export async function another(
  countersign: Countersign,
  { name = 'deployer', tokenPolicy, lockout, secret }: WorkloadGiven = {},
): Promise<Omit<Workload, 'advance'>> {
  const host = countersign.asHost('test')
  const organization = ORGANIZATION
  const authMethod = { method: 'universal', tokenPolicy, lockout } as const
  const { identity } = await host.identities.create({ organization, name, authMethod })
  const minted = await host.clientSecrets.create({ organization, identity: identity.id, ...secret })
  const { clientSecret } = minted
  const request = {
    method: 'universal',
    identity: identity.id,
    credential: { clientSecret },
  } as const
  return {
    countersign,
    organization,
    clientId: identity.id,
    clientSecret,
    clientSecretId: minted.id,
    login: (source = HOME) => countersign.login(request, source),
  }
}

/** Calls `hook` with the name of a verb, like `logins.find`, before a storage does it; what it throws, the verb throws. */
export function withHook(storage: Storage, hook: (verb: string) => void): Storage {
  function watch(member: unknown, name: string): unknown {
    if (typeof member === 'function')
      return async (...values: readonly unknown[]) => {
        hook(name)
        return member(...values)
      }
    if (typeof member !== 'object' || member === null) return member
    const entries = Object.entries(member)
    return Object.fromEntries(entries.map(([verb, run]) => [verb, watch(run, `${name}.${verb}`)]))
  }
  const members = Object.entries(storage).map(([name, member]) => [name, watch(member, name)])
  return Object.fromEntries(members) as Storage
}
