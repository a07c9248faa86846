import { randomBytes } from 'node:crypto'
import type { Storage } from '@countersign/core'
import { createCountersign } from '@countersign/core'
import type { OidcPolicy, oidc } from '@countersign/oidc'
import { ISSUER, SOURCE } from './engine.ts'

/** Creates an engine with one identity that logs in by tokens of another issuer, and answers its login. */
export async function createFederated(
  storage: Storage,
  verifier: ReturnType<typeof oidc>,
  policy: OidcPolicy,
): Promise<(token: string) => Promise<string>> {
  const countersign = createCountersign({
    issuer: ISSUER,
    rootKeys: [randomBytes(32).toString('base64url')],
    storage,
    verifiers: [verifier],
    rateLimits: 'off',
  })
  await countersign.ready()
  const host = countersign.asHost('bench')
  await host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity } = await host.identities.create({
    organization: 'acme',
    name: 'job',
    authMethod: { method: 'oidc', policy, lockout: 'off' },
  })
  return async (token) => {
    const request = { method: 'oidc', identity: identity.id, credential: { token } } as const
    return (await countersign.login(request, SOURCE)).accessToken
  }
}
