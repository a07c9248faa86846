import type { CountersignError } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Egress } from '@countersign/evidence'
import type { GcpPolicy } from '@countersign/gcp'
import { gcp } from '@countersign/gcp'
import { eventsOf, testCountersign } from '@countersign/testing'
import { fakeIssuer, fakeKey } from '@countersign/testing/fakes'
import { onTestFinished } from 'vitest'

/** Loopback is where fakes live. */
export const LOOPBACK: Egress = { allow: ['127.0.0.1'], ports: 'any', loopbackHttp: true }
export const HOME = { address: '127.0.0.1' }
export const EMAIL = 'worker@my-project.iam.gserviceaccount.com'
export const UNIQUE_ID = '104029292853099978293'
export const AUDIENCE = 'https://countersign.test'
export const GOOGLE = 'https://accounts.google.com'

/** What Google says of an instance, in full format. */
export const ON_AN_INSTANCE = {
  google: {
    compute_engine: {
      instance_creation_timestamp: 1_772_000_000,
      instance_id: '152986662232938449',
      instance_name: 'worker-1',
      project_id: 'my-project',
      project_number: 739_419_398_126,
      zone: 'europe-west3-a',
    },
  },
}

export type World = Awaited<ReturnType<typeof aWorld>>

/** An engine that logs accounts of Google in, a Google on loopback, and an account that signs for itself. */
export async function aWorld(policy: GcpPolicy = { serviceAccounts: [EMAIL] }) {
  const google = await fakeIssuer({ now: () => countersign.clock.now(), key: fakeKey('RS256') })
  onTestFinished(() => google.close())
  const account = fakeKey('RS256')
  const accounts = '/service_accounts/v1/jwk'
  const serve = (email: string, key = account): void =>
    google.answer(`${accounts}/${encodeURIComponent(email)}`, {
      status: 200,
      body: JSON.stringify({ keys: [key.jwk] }),
    })
  serve(EMAIL)
  const places = { google: google.jwksUrl, serviceAccounts: `${google.url}${accounts}` }
  const countersign = testCountersign({
    rateLimits: 'off',
    verifiers: [gcp({ egress: LOOPBACK, places })],
  })
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const attach = async (given: GcpPolicy): Promise<string> => {
    const authMethod = { method: 'gcp', policy: given, lockout: 'off' } as const
    const { identity } = await host.identities.create({
      organization: 'acme',
      name: 'job',
      authMethod,
    })
    return identity.id
  }
  const identity = await attach({ audiences: [AUDIENCE], ...policy })
  const sign = (claims: Readonly<Record<string, unknown>> = {}): string =>
    google.sign({
      iss: GOOGLE,
      aud: AUDIENCE,
      azp: UNIQUE_ID,
      sub: UNIQUE_ID,
      email: EMAIL,
      email_verified: true,
      ...claims,
    })
  return {
    countersign,
    google,
    account,
    serve,
    host,
    attach,
    identity,
    sign,
    events: () => eventsOf(countersign),
    logIn: (token: string = sign(), who: string = identity) =>
      countersign.login({ method: 'gcp', identity: who, credential: { token } }, HOME),
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
