import type { AwsCredential, AwsOptions, AwsPolicy } from '@countersign/aws'
import { aws } from '@countersign/aws'
import type { CountersignError } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import { eventsOf, testCountersign } from '@countersign/testing'
import type { FakeAwsCredentials } from '@countersign/testing/fakes'
import { fakeAuthority, fakeSts } from '@countersign/testing/fakes'
import { afterEach } from 'vitest'
import { ACCOUNT, AUDIENCE, HOME, ROLE_ARN } from './names.ts'
import type { SignGiven } from './sign.ts'
import { presign, signPost } from './sign.ts'

/** Making one is slow, and it is the same in every test. */
const authority = fakeAuthority()

const open: { readonly close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((opened) => opened.close()))
})

/** Closes something at the end of the test. */
export function closing<T extends { readonly close: () => Promise<void> }>(opened: T): T {
  open.push(opened)
  return opened
}

/** An engine, an STS with a session of the role `app`, and an identity that logs in by it. */
export async function anAws(policy: Partial<AwsPolicy> = {}, options: Partial<AwsOptions> = {}) {
  let now = (): Date => new Date('2026-03-01T12:00:00Z')
  const sts = closing(await fakeSts({ now: () => now(), authority }))
  const endpoints = [{ url: sts.url, ca: sts.ca }]
  const verifier = aws({ audience: AUDIENCE, endpoints, ...options })
  const countersign = testCountersign({ verifiers: [verifier], rateLimits: 'off' })
  const { clock } = countersign
  now = clock.now
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const usual: AwsPolicy = { accounts: [ACCOUNT], principals: [ROLE_ARN] }
  const attach = async (wanted: AwsPolicy): Promise<string> => {
    const authMethod = { method: 'aws', policy: wanted, lockout: 'off' } as const
    const { identity } = await host.identities.create({
      organization: 'acme',
      name: 'worker',
      authMethod,
    })
    return identity.id
  }
  const keys = sts.assumeRole(ACCOUNT, 'app')
  const login = (identity: string, credential: AwsCredential) =>
    countersign.login({ method: 'aws', identity, credential }, HOME)
  const identity = await attach(JSON.parse(JSON.stringify({ ...usual, ...policy })))
  const sign = (given: SignGiven = {}, by: FakeAwsCredentials = keys) =>
    signPost(by, { now: now(), ...given })
  return {
    sts,
    clock,
    countersign,
    host,
    usual,
    attach,
    identity,
    keys,
    sign,
    presigned: (given: SignGiven & { readonly expires?: number } = {}, by = keys) =>
      presign(by, { now: now(), ...given }),
    login,
    logIn: async (credential?: AwsCredential) => login(identity, credential ?? (await sign())),
    /** Logs in as whoever these keys belong to. */
    logInBy: async (by: FakeAwsCredentials, to = identity) => login(to, await sign({}, by)),
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
