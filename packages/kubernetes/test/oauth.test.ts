import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, aCluster, HOME } from './support/world.ts'

const OAUTH = 'urn:ietf:params:oauth:'

/** A cluster, and the token endpoint of the engine that trusts it. */
async function aTokenEndpoint() {
  const world = await aCluster()
  const handler = createHandler(world.countersign)
  const exchange = async (fields: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({
      grant_type: `${OAUTH}grant-type:token-exchange`,
      subject_token: world.sign(),
      subject_token_type: `${OAUTH}token-type:jwt`,
      audience: world.identity,
      ...fields,
    })
    const request = new Request('https://countersign.test/oauth/token', { method: 'POST', body })
    const response = await handler.handle(request, { clientAddress: HOME.address })
    const answer = (await response?.json()) as Readonly<Record<string, unknown>>
    return { status: response?.status, body: answer }
  }
  return { ...world, exchange }
}

describe('a service account token at the token endpoint (RFC 8693)', () => {
  test.each([
    ['as a JWT, by the identity', {}],
    ['as an ID token', { subject_token_type: `${OAUTH}token-type:id_token` }],
  ])('is exchanged %s', async (_what, fields) => {
    const { exchange, countersign, identity } = await aTokenEndpoint()
    const { status, body } = await exchange(fields)
    expect({ status, ...body }).toMatchObject({
      status: 200,
      token_type: 'Bearer',
      issued_token_type: `${OAUTH}token-type:access_token`,
    })
    const principal = await countersign.authenticate(String(body['access_token']), HOME)
    expect(principal).toMatchObject({ identity, method: 'kubernetes' })
  })

  test('is exchanged by the identity and the name of the method', async () => {
    const { exchange, identity } = await aTokenEndpoint()
    expect((await exchange({ audience: `${identity}/kubernetes` })).status).toBe(200)
    expect((await exchange({ audience: `${identity}/oidc` })).status).toBe(400)
  })

  test.each([
    ['of another account', 'other', [AUDIENCE]],
    ['for another audience', 'api', ['https://kubernetes.default.svc']],
  ])('is refused %s, in words that say nothing of why', async (_what, name, audiences) => {
    const { exchange, cluster, account } = await aTokenEndpoint()
    const holder = name === 'api' ? account : cluster.create('prod', name)
    const { status, body } = await exchange({
      subject_token: cluster.tokenOf(holder, { audiences }),
    })
    expect(status).toBe(400)
    expect(body).toEqual({
      error: 'invalid_request',
      error_description: 'The credential was not accepted',
    })
  })
})
