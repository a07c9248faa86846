import type { CountersignError } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import type { Egress } from '@countersign/evidence'
import type { KubernetesOptions, KubernetesPolicy } from '@countersign/kubernetes'
import { kubernetes } from '@countersign/kubernetes'
import { eventsOf, testCountersign } from '@countersign/testing'
import type { FakeCluster } from '@countersign/testing/fakes'
import { fakeAuthority, fakeCluster, fakeKey } from '@countersign/testing/fakes'
import { afterEach } from 'vitest'

export const LOOPBACK: Egress = { allow: ['127.0.0.1'], ports: 'any' }
export const AUDIENCE = 'countersign'
export const HOME = { address: '127.0.0.1' }

/** Making them is slow; who holds them is the same in every test. */
const authority = fakeAuthority()
const key = fakeKey('RS256')

const open: { readonly close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((opened) => opened.close()))
})

/** Closes something at the end of the test. */
export function closing<T extends { readonly close: () => Promise<void> }>(opened: T): T {
  open.push(opened)
  return opened
}

/** An engine, a cluster with the account `prod/api`, and an identity that logs in by it. */
export async function aCluster(
  policy: Partial<KubernetesPolicy> = {},
  options: (cluster: FakeCluster) => KubernetesOptions = () => ({}),
) {
  let now = (): Date => new Date('2026-03-01T12:00:00Z')
  const cluster = closing(await fakeCluster({ now: () => now(), authority, key }))
  const verifiers = [kubernetes({ egress: LOOPBACK, ...options(cluster) })] as const
  const countersign = testCountersign({ verifiers, rateLimits: 'off' })
  now = countersign.clock.now
  const host = countersign.asHost('test')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const usual: KubernetesPolicy = {
    audiences: [AUDIENCE],
    host: cluster.url,
    ca: cluster.ca,
    reviewerToken: cluster.reviewerToken(),
    serviceAccounts: [{ namespace: 'prod', name: 'api' }],
  }
  const attach = async (wanted: KubernetesPolicy): Promise<string> => {
    const authMethod = { method: 'kubernetes', policy: wanted, lockout: 'off' } as const
    const { identity } = await host.identities.create({
      organization: 'acme',
      name: 'pod',
      authMethod,
    })
    return identity.id
  }
  const account = cluster.create('prod', 'api')
  const sign = (given: Parameters<FakeCluster['tokenOf']>[1] = {}) =>
    cluster.tokenOf(account, { audiences: [AUDIENCE], ...given })
  const login = (identity: string, token: string) =>
    countersign.login({ method: 'kubernetes', identity, credential: { token } }, HOME)
  const identity = await attach(defined({ ...usual, ...policy }))
  return {
    cluster,
    countersign,
    host,
    usual,
    account,
    attach,
    identity,
    sign,
    login,
    logIn: (token: string = sign()) => login(identity, token),
    events: () => eventsOf(countersign),
    /** Tokens of any other account. */
    tokenOf: (namespace: string, name: string) =>
      cluster.tokenOf(cluster.create(namespace, name), { audiences: [AUDIENCE] }),
  }
}

function defined(policy: KubernetesPolicy): KubernetesPolicy {
  return JSON.parse(JSON.stringify(policy)) as KubernetesPolicy
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
