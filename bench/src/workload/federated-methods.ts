import { randomBytes } from 'node:crypto'
import { createCountersign, memoryStorage } from '@countersign/core'
import type { Verifier } from '@countersign/core/plugin'
import { ISSUER, SOURCE } from './engine.ts'

/** Creates an engine with one identity that logs in by one verifier, and answers its login. */
export async function createLogin<Policy, Credential>(
  verifier: Verifier<string, Policy, Credential>,
  policy: Policy,
): Promise<(credential: Credential) => Promise<unknown>> {
  const countersign = createCountersign({
    issuer: ISSUER,
    rootKeys: [randomBytes(32).toString('base64url')],
    storage: memoryStorage(),
    verifiers: [verifier as Verifier],
    rateLimits: 'off',
  })
  await countersign.ready()
  const host = countersign.asHost('bench')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const { method } = verifier
  const authMethod = { method, policy, lockout: 'off' } as const
  const { identity } = await host.identities.create({
    organization: 'acme',
    name: 'job',
    authMethod,
  })
  return (credential) =>
    countersign.login({ method, identity: identity.id, credential } as never, SOURCE)
}
