import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { bodyOf, expectContract, faceOf, toAnswer } from './support/answer.ts'
import type { Workload } from './support/workload.ts'
import { aWorkload, HOME } from './support/workload.ts'

interface Held extends Workload {
  readonly staticToken: string
  exchange(body: object): Promise<Awaited<ReturnType<typeof toAnswer>>>
}

/** A workload with a static token, and a caller of the route that exchanges it. */
async function aHolder(maxUses?: number): Promise<Held> {
  const workload = await aWorkload()
  const { countersign, organization, clientId: identity } = workload
  const host = countersign.asHost('test')
  await host.authMethods.attach({ organization, identity, method: 'token' })
  const minted = await host.staticTokens.create({ organization, identity, name: 'ci', maxUses })
  const handler = createHandler(countersign)
  const exchange = async (body: object) =>
    toAnswer(
      await handler.handle(
        new Request('https://id.example.com/api/v1/auth/token-auth/login', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
        HOME,
      ),
    )
  return { ...workload, staticToken: minted.staticToken, exchange }
}

describe('a static token is exchanged over HTTP', () => {
  test('for a short-lived access token that the engine accepts', async () => {
    const { exchange, staticToken, countersign, clientId } = await aHolder()
    const answer = await exchange({ accessToken: staticToken })
    expectContract(answer)
    const { accessToken, ...rest } = bodyOf(answer)
    expect(rest).toEqual({ expiresIn: 7200, accessTokenMaxTTL: 7200, tokenType: 'Bearer' })
    const principal = await countersign.authenticate(String(accessToken), HOME)
    expect(principal).toMatchObject({ identity: clientId, method: 'token' })
  })

  test('with the identity named too, and never for another one', async () => {
    const { exchange, staticToken, clientId } = await aHolder()
    expect((await exchange({ accessToken: staticToken, identityId: clientId })).status).toBe(200)
    const other = clientId.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    expect((await exchange({ accessToken: staticToken, identityId: other })).status).toBe(401)
  })

  test('for one use', async () => {
    const { exchange, staticToken } = await aHolder(1)
    expect((await exchange({ accessToken: staticToken })).status).toBe(200)
    expect((await exchange({ accessToken: staticToken })).status).toBe(401)
  })

  test('and refused with one face, whatever is wrong with it', async () => {
    const { exchange, clientSecret, staticToken } = await aHolder()
    const wrong = [clientSecret, `${staticToken.slice(0, -1)}~`, 'x']
    const faces = await Promise.all(
      wrong.map(async (accessToken) => faceOf(await exchange({ accessToken }))),
    )
    expect(new Set(faces).size).toBe(1)
    expect(faces[0]).toMatch(/^401/)
  })
})
