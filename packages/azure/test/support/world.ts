import type { AzurePolicy } from '@countersign/azure'
import { azure } from '@countersign/azure'
import type { CountersignError } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Egress } from '@countersign/evidence'
import { eventsOf, testCountersign } from '@countersign/testing'
import { fakeIssuer, fakeKey } from '@countersign/testing/fakes'
import { onTestFinished } from 'vitest'

/** Loopback is where fakes live. */
export const LOOPBACK: Egress = { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true }
export const HOME = { address: '127.0.0.1' }
export const TENANT = 'aaaaaaaa-1111-4111-8111-111111111111'
export const OTHER_TENANT = '22222222-2222-4222-8222-222222222222'
export const OBJECT = '33333333-3333-4333-8333-333333333333'
export const CLIENT = '44444444-4444-4444-8444-444444444444'
export const SUBSCRIPTION = '55555555-5555-4555-8555-555555555555'
export const AUDIENCE = 'api://countersign.test'
export const V1 = `https://sts.windows.net/${TENANT}/`
export const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`

/** The resource behind a managed identity, as its tokens write it. */
export const resourceOf = (type: string, name: string, group = 'Workers'): string =>
  `/subscriptions/${SUBSCRIPTION}/resourcegroups/${group}/providers/${type}/${name}`
export const MACHINE = resourceOf('Microsoft.Compute/virtualMachines', 'worker-1')

/** What tokens of both forms say. */
const FORMS = {
  v1: { iss: V1, ver: '1.0', appid: CLIENT, appidacr: '2' },
  v2: { iss: V2, ver: '2.0', azp: CLIENT, azpacr: '2' },
} as const

/** An engine that logs workloads on Azure in, and the keys of two tenants on loopback. */
export async function aWorld(policy: Partial<AzurePolicy> = { servicePrincipals: [OBJECT] }) {
  const entra = await fakeIssuer({ now: () => countersign.clock.now(), key: fakeKey('RS256') })
  onTestFinished(() => entra.close())
  const publish = (tenant: string, key = entra.key()): void =>
    entra.answer(`/${tenant}/discovery/v2.0/keys`, {
      status: 200,
      body: JSON.stringify({ keys: [{ ...key.jwk, alg: undefined }] }),
    })
  const otherKey = fakeKey('RS256')
  publish(TENANT)
  publish(OTHER_TENANT, otherKey)
  const countersign = testCountersign({
    rateLimits: 'off',
    verifiers: [azure({ egress: LOOPBACK, keyHost: entra.url })],
  })
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const attach = async (given: Partial<AzurePolicy>): Promise<string> => {
    const whole = { tenant: TENANT, audiences: [AUDIENCE], ...given }
    const authMethod = { method: 'azure', policy: whole, lockout: 'off' } as const
    const { identity } = await host.identities.create({
      organization: 'acme',
      name: 'job',
      authMethod,
    })
    return identity.id
  }
  const identity = await attach(policy)
  const claimsOf = (claims: Readonly<Record<string, unknown>> = {}, form: 'v1' | 'v2' = 'v1') => ({
    ...FORMS[form],
    ...{ aud: AUDIENCE, tid: TENANT, oid: OBJECT, sub: OBJECT, idtyp: 'app', uti: 'u' },
    xms_mirid: MACHINE,
    jti: undefined,
    ...claims,
  })
  const sign = (claims: Readonly<Record<string, unknown>> = {}, form: 'v1' | 'v2' = 'v1'): string =>
    entra.sign(claimsOf(claims, form))
  return {
    countersign,
    entra,
    otherKey,
    host,
    attach,
    identity,
    claimsOf,
    sign,
    events: () => eventsOf(countersign),
    logIn: (token: string = sign(), who: string = identity) =>
      countersign.login({ method: 'azure', identity: who, credential: { token } }, HOME),
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
