import type { CountersignError, LockoutInput } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Egress } from '@countersign/evidence'
import type { LdapOptions, LdapPolicy } from '@countersign/ldap'
import { ldap } from '@countersign/ldap'
import { eventsOf, testCountersign } from '@countersign/testing'
import { authority, PASSWORD, PEOPLE, SERVICE, SERVICE_PASSWORD } from './directory.ts'

export const LOOPBACK: Egress = { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true }
export const HOME = { address: '192.0.2.7' }

/** A policy that searches, by TLS, for whoever has the title `builder`. */
export function policyOf(port: number, more: Partial<LdapPolicy> = {}): LdapPolicy {
  const policy: LdapPolicy = {
    urls: [`ldaps://127.0.0.1:${port}`],
    ca: authority.ca,
    bindDn: SERVICE,
    bindPassword: SERVICE_PASSWORD,
    searchBase: PEOPLE,
    allowedFields: [{ attribute: 'title', values: ['builder'] }],
    ...more,
  }
  return JSON.parse(JSON.stringify(policy)) as LdapPolicy
}

interface WorldOptions extends LdapOptions {
  readonly lockout?: LockoutInput
  /** Has policies tried out when they are saved; without it, they may name what is not there. */
  readonly tested?: true
}

/** An engine, and an identity that logs in by a directory. */
export async function anEngine(
  policy: LdapPolicy,
  { lockout = 'off', tested, ...options }: WorldOptions = {},
) {
  const binds = tested === true ? {} : ({ testBind: 'off' } as const)
  const verifiers = [ldap({ egress: LOOPBACK, ...binds, ...options })] as const
  const countersign = testCountersign({ verifiers, rateLimits: 'off' })
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const attach = async (wanted: LdapPolicy): Promise<string> => {
    const authMethod = { method: 'ldap', policy: wanted, lockout } as const
    const { identity } = await host.identities.create({
      organization: 'acme',
      name: 'workload',
      authMethod,
    })
    return identity.id
  }
  const identity = await attach(policy)
  const login = (id: string, username: string, password: string, source = HOME) =>
    countersign.login({ method: 'ldap', identity: id, credential: { username, password } }, source)
  return {
    countersign,
    host,
    identity,
    attach,
    login,
    logIn: (username = 'alice', password = PASSWORD, source = HOME) =>
      login(identity, username, password, source),
    events: () => eventsOf(countersign),
  }
}

/** The error of what must be refused. */
export async function refusalOf(attempt: Promise<unknown>): Promise<CountersignError> {
  const error = await attempt.then(
    (answer) => new Error(`It was not refused: ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  )
  if (isCountersignError(error)) return error
  throw error
}

/** What a token that was handed out says. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
