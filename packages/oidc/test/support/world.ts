import type { CountersignError } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Egress } from '@countersign/evidence'
import type { JwtPolicy, OidcPolicy, PrivateKeyJwtPolicy } from '@countersign/oidc'
import { jwt, oidc, privateKeyJwt } from '@countersign/oidc'
import { eventsOf, testCountersign } from '@countersign/testing'
import type { FakeIssuer, FakeIssuerGiven } from '@countersign/testing/fakes'
import { fakeIssuer } from '@countersign/testing/fakes'
import { afterEach } from 'vitest'

/** Loopback is where fakes live. */
export const LOOPBACK: Egress = { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true }
export const AUDIENCE = 'https://countersign.test'
export const SUBJECT = 'repo:org/app:ref:refs/heads/main'
export const HOME = { address: '127.0.0.1' }

const open: { readonly close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((opened) => opened.close()))
})

/** Closes something at the end of the test. */
export function closing<T extends { readonly close: () => Promise<void> }>(opened: T): T {
  open.push(opened)
  return opened
}

export type World = Awaited<ReturnType<typeof aWorld>>

/** An engine with the verifiers of this package, and an organization. */
export async function aWorld({ egress = LOOPBACK }: { readonly egress?: Egress } = {}) {
  const outbound = { egress }
  const countersign = testCountersign({
    // Floods here ask what the other limits do.
    rateLimits: 'off',
    verifiers: [
      oidc(outbound),
      jwt(outbound),
      privateKeyJwt({ ...outbound, audiences: [AUDIENCE, `${AUDIENCE}/oauth/token`] }),
    ],
  })
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const attach = async (
    authMethod: NonNullable<Parameters<typeof host.identities.create>[0]['authMethod']>,
  ) => {
    const { identity } = await host.identities.create({
      organization: 'acme',
      name: 'job',
      authMethod,
    })
    return identity.id
  }
  const lockout = 'off' as const
  return {
    countersign,
    host,
    byOidc: (policy: OidcPolicy) => attach({ method: 'oidc', policy, lockout }),
    byJwt: (policy: JwtPolicy) => attach({ method: 'jwt', policy, lockout }),
    byKey: (policy: PrivateKeyJwtPolicy) => attach({ method: 'private-key-jwt', policy, lockout }),
    login: (identity: string, token: string, method: 'oidc' | 'jwt' = 'oidc') =>
      countersign.login({ method, identity, credential: { token } }, HOME),
    assert: (identity: string, assertion: string) =>
      countersign.login({ method: 'private-key-jwt', identity, credential: { assertion } }, HOME),
    events: () => eventsOf(countersign),
    refusals: async () =>
      (await eventsOf(countersign)).filter(({ type }) => type === 'login.refused'),
  }
}

/** A world with one issuer, and an identity that logs in by its tokens. */
export async function anIssuedWorld(policy: Partial<OidcPolicy> = {}, given: FakeIssuerGiven = {}) {
  const world = await aWorld()
  const issuer: FakeIssuer = closing(
    await fakeIssuer({ now: world.countersign.clock.now, ...given }),
  )
  const usual = { issuer: issuer.url, audiences: [AUDIENCE], subject: SUBJECT }
  const identity = await world.byOidc({ ...usual, ...policy })
  const sign = (claims: Readonly<Record<string, unknown>> = {}, header: object = {}) =>
    issuer.sign({ aud: AUDIENCE, sub: SUBJECT, ...claims }, header)
  return {
    ...world,
    issuer,
    identity,
    sign,
    policy: usual,
    logIn: (token: string = sign()) => world.login(identity, token),
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
