import { createCountersign, isCountersignError, memoryStorage } from '@countersign/core'
import type { OutboundOptions } from '@countersign/evidence'
import { oidc } from '@countersign/oidc'

export const AUDIENCE = 'https://releases.example.com'
export const GITHUB = 'https://token.actions.githubusercontent.com'

/** What used to be an API key in the secrets of a repository is now the token that GitHub writes for each job. */
export async function createReleases(
  rootKey: string,
  issuer: string = GITHUB,
  outbound: OutboundOptions = {},
) {
  const countersign = createCountersign({
    issuer: AUDIENCE,
    rootKeys: [rootKey],
    storage: memoryStorage(),
    resources: { release: { scope: 'organization', actions: ['publish'] } },
    roles: { publisher: { scope: 'organization', rules: [{ allow: ['release:publish'] }] } },
    verifiers: [oidc(outbound)],
  })
  const host = countersign.asHost('setup')
  await host.organizations.ensure({ id: 'acme', name: 'Acme' })
  const claims = { repository_id: '123456789', ref: 'refs/heads/main', event_name: 'push' }
  const policy = { issuer, audiences: [AUDIENCE], claims }
  const authMethod = { method: 'oidc', policy } as const
  const { identity } = await host.identities.create({
    organization: 'acme',
    name: 'release job',
    role: 'publisher',
    authMethod,
  })

  return async function publish(request: Request): Promise<Response> {
    const token = request.headers.get('authorization')?.replace(/^Bearer /, '') ?? ''
    try {
      const { accessToken } = await countersign.login(
        { method: 'oidc', identity: identity.id, credential: { token } },
        {},
      )
      const job = await countersign.authenticate(accessToken, {})
      return new Response(null, { status: job.can('release:publish') ? 201 : 403 })
    } catch (error) {
      return new Response(null, { status: statusOf(error) })
    }
  }
}

function statusOf(error: unknown): number {
  if (!isCountersignError(error)) throw error
  return error.code === 'unavailable' ? 503 : 401
}
