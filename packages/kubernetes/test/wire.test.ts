import { createHandler } from '@countersign/http'
import { anIdentity, bearerFor } from '@countersign/testing'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, aCluster } from './support/world.ts'

describe('kubernetes-auth on the wire of Infisical', () => {
  test('is attached, shown without its reviewer, and logged in by', async () => {
    const { cluster, countersign, host, sign } = await aCluster()
    const handler = createHandler(countersign)
    const admin = await anIdentity(countersign, { organization: 'acme', role: 'admin' })
    const { authorization } = await bearerFor(countersign, admin)
    const ask = async (method: string, path: string, body?: object) => {
      const request = new Request(`https://countersign.test/api/v1/auth/kubernetes-auth/${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const response = await handler.handle(request, { clientAddress: '127.0.0.1' })
      return { status: response?.status, text: (await response?.text()) ?? '' }
    }
    const { identity } = await host.identities.create({ organization: 'acme', name: 'by-wire' })
    const reviewer = cluster.reviewerToken()
    const attached = await ask('POST', `identities/${identity.id}`, {
      kubernetesHost: cluster.url,
      caCert: cluster.ca,
      tokenReviewerJwt: reviewer,
      allowedNamespaces: 'prod, staging-*',
      allowedNames: 'api',
      allowedAudience: AUDIENCE,
    })
    expect(attached.status).toBe(200)
    expect(JSON.parse(attached.text)).toMatchObject({
      identityKubernetesAuth: { identityId: identity.id, allowedNames: 'api' },
    })
    const shown = await ask('GET', `identities/${identity.id}`)
    expect(shown.status).toBe(200)
    for (const { text } of [attached, shown]) expect(text).not.toContain(reviewer)
    const logIn = (jwt: string) => ask('POST', 'login', { identityId: identity.id, jwt })
    const granted = await logIn(sign())
    expect(granted.status).toBe(200)
    expect(JSON.parse(granted.text)).toMatchObject({ tokenType: 'Bearer' })
    const stranger = cluster.create('prod', 'other')
    const token = cluster.tokenOf(stranger, { audiences: [AUDIENCE] })
    expect((await logIn(token)).status).toBe(401)
  })
})
