import { X509Certificate } from 'node:crypto'
import type { CountersignError, Source } from '@countersign/core'
import { isCountersignError, unsafeClientCertificate } from '@countersign/core'
import type { Egress } from '@countersign/evidence'
import { eventsOf, testCountersign } from '@countersign/testing'
import type { Issued } from '@countersign/testkit/openssl'
import type { TlsPolicy } from '@countersign/tls'
import { tls } from '@countersign/tls'
import { agreeing, differing } from './second-opinion.ts'

export const LOOPBACK: Egress = { allow: ['127.0.0.1'], ports: 'any' }
export const HOME = '127.0.0.1'

/** The instant at which every test begins. */
export const NOW = new Date('2026-03-01T12:00:00Z')

/** The DER of a certificate in PEM. */
export const derOf = (pem: string): Uint8Array => Uint8Array.from(new X509Certificate(pem).raw)

/** A source whose client proved a certificate, and sent others beside it. */
export function sourceOf(
  leaf: Pick<Issued, 'cert'>,
  ...chain: readonly Pick<Issued, 'cert'>[]
): Source {
  const sent = chain.map(({ cert }) => derOf(cert))
  return { address: HOME, certificate: unsafeClientCertificate(derOf(leaf.cert), sent) }
}

type Chain = readonly [Pick<Issued, 'cert'>, ...Pick<Issued, 'cert'>[]]

type TlsOptions = Parameters<typeof tls>[0]

/** An engine, and an identity that logs in by certificate. */
export async function anEngine(policy: TlsPolicy, options: TlsOptions = {}, more = {}, now = NOW) {
  const verifiers = [tls({ egress: LOOPBACK, ...options })] as const
  const countersign = testCountersign({ verifiers, rateLimits: 'off', ...more }, { now })
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const attach = async (wanted: TlsPolicy): Promise<string> => {
    const authMethod = { method: 'tls', policy: wanted, lockout: 'off' } as const
    const identity = { organization: 'acme', name: 'workload', authMethod }
    return (await host.identities.create(identity)).identity.id
  }
  const identity = await attach(policy)
  const login = (source: Source, as = identity) =>
    countersign.login({ method: 'tls', identity: as, credential: {} }, source)
  return {
    countersign,
    host,
    identity,
    attach,
    login,
    /** Logs in, and has openssl judge the same chain. */
    logIn: (...chain: Chain) =>
      agreeing(login(sourceOf(...chain)), { policy, now: countersign.clock.now(), chain }),
    /** Logs in with a chain that openssl refuses, for a reason that is declared. */
    logInUnlikeOpenssl: (why: string, ...chain: Chain) =>
      differing(why, login(sourceOf(...chain)), { policy, now: countersign.clock.now(), chain }),
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

/** Expects that nobody is let in, for one reason. */
export async function reasonOf(attempt: Promise<unknown>): Promise<string | undefined> {
  const { code, reason } = await refusalOf(attempt)
  return code === 'invalid_credential' ? reason : `${code}: ${reason}`
}

/** What a token that was handed out says. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}
