import { aRoot } from '@countersign/testkit/openssl'
import { expect, test } from 'vitest'
import { anEngine, claimsOf, refusalOf, sourceOf } from '../support/world.ts'

test('TLS-010 a token that is bound to a certificate is renewed and used with no other, however valid', {
  timeout: 30_000,
}, async () => {
  const root = await aRoot()
  const { countersign, host, identity, logIn } = await anEngine({
    ca: root.cert,
    commonNames: ['admin'],
  })
  const tokenPolicy = { ttl: 600, maxTtl: 3600, boundTo: 'certificate' } as const
  const key = { organization: 'acme', identity, method: 'tls' } as const
  await host.authMethods.update({ ...key, tokenPolicy })
  const [mine, another] = [await root.issue(), await root.issue()]
  await logIn(another)
  const { accessToken } = await logIn(mine)
  const renewed = await countersign.renew(accessToken, sourceOf(mine))
  expect(claimsOf(renewed.accessToken)['cnf']).toEqual(claimsOf(accessToken)['cnf'])
  for (const token of [accessToken, renewed.accessToken]) {
    await countersign.authenticate(token, sourceOf(mine))
    for (const source of [sourceOf(another), { address: '127.0.0.1' }])
      for (const attempt of [
        countersign.renew(token, source),
        countersign.authenticate(token, source),
      ])
        expect(await refusalOf(attempt)).toMatchObject({
          code: 'invalid_token',
          reason: 'wrong_certificate',
        })
  }
})
