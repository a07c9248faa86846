import { createHandler } from '@countersign/http'
import { signJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import {
  aWorld,
  CLIENT,
  OBJECT,
  OTHER_TENANT,
  refusalOf,
  resourceOf,
  SUBSCRIPTION,
  TENANT,
} from '../support/world.ts'

const DENIED = { code: 'invalid_credential' }

describe('azure()', () => {
  test('AZR-001 a token of another tenant is none of this one, whoever signed it', async () => {
    const { logIn, sign, otherKey, claimsOf, entra } = await aWorld()
    const foreign = { iss: `https://sts.windows.net/${OTHER_TENANT}/`, tid: OTHER_TENANT }
    const iat = { iat: 1_772_366_400, exp: 1_772_366_700 }
    const header = { alg: 'RS256', kid: otherKey.kid }
    for (const token of [
      signJwt(otherKey, header, { ...claimsOf(foreign), ...iat }),
      signJwt(otherKey, header, { ...claimsOf(), ...iat }),
      signJwt(otherKey, { ...header, kid: entra.key().kid }, { ...claimsOf(), ...iat }),
      sign(foreign),
      sign({ tid: OTHER_TENANT }),
      sign({ iss: 'https://sts.windows.net/common/' }),
      sign({ iss: `https://sts.windows.net/${TENANT}` }),
      sign({ iss: `https://sts.windows.net/${OTHER_TENANT}/../${TENANT}/` }),
    ])
      expect(await refusalOf(logIn(token))).toMatchObject(DENIED)
    expect(entra.asked().filter((path) => !path.includes(`/${TENANT}/`))).toEqual([])
  })

  test('AZR-001 a tenant is an id, and no path', async () => {
    const { attach } = await aWorld()
    for (const tenant of ['common', 'organizations', `${TENANT}/../x`, '*', TENANT.toUpperCase()])
      expect(await refusalOf(attach({ tenant, servicePrincipals: [OBJECT] }))).toMatchObject({
        code: 'invalid_request',
      })
  })

  test('AZR-003 each form of a token has its issuer, and a policy may want one form', async () => {
    const { logIn, sign, attach } = await aWorld()
    await logIn(sign({}, 'v1'))
    await logIn(sign({}, 'v2'))
    const one = await attach({ servicePrincipals: [OBJECT], versions: ['v1'] })
    const two = await attach({ servicePrincipals: [OBJECT], versions: ['v2'] })
    await logIn(sign({}, 'v1'), one)
    await logIn(sign({}, 'v2'), two)
    expect(await refusalOf(logIn(sign({}, 'v2'), one))).toMatchObject(DENIED)
    expect(await refusalOf(logIn(sign({}, 'v1'), two))).toMatchObject(DENIED)
    for (const form of ['v1', 'v2'] as const)
      expect(
        await refusalOf(logIn(sign({ ver: form === 'v1' ? '2.0' : '1.0' }, form))),
      ).toMatchObject(DENIED)
  })

  test('AZR-005 what is no token is refused as any other', async () => {
    const { logIn, identity, countersign } = await aWorld()
    for (const token of ['abc', 'a.b.c', 'e30.e30.e30', '..'])
      expect(await refusalOf(logIn(token))).toMatchObject(DENIED)
    const empty = await refusalOf(logIn(''))
    expect(['invalid_credential', 'invalid_request']).toContain(empty.code)
    const answer = await createHandler(countersign).handle(
      new Request('http://host/api/v1/auth/azure-auth/login', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ identityId: identity, jwt: 'a.b.c' }),
      }),
      { clientAddress: '127.0.0.1' },
    )
    expect(answer?.status).toBe(401)
  })

  test('AZR-006 where a workload runs is what its token says, not what is said beside it', async () => {
    const elsewhere = { subscriptions: [SUBSCRIPTION], resourceGroups: ['elsewhere'] }
    const { logIn, sign, countersign, attach } = await aWorld(elsewhere)
    expect(await refusalOf(logIn())).toMatchObject(DENIED)
    const here = await attach({ ...elsewhere, resourceGroups: ['workers'] })
    await expect(logIn(sign(), here)).resolves.toMatchObject({ tokenType: 'Bearer' })
    const handler = createHandler(countersign)
    const post = (identityId: string, token: string) =>
      handler.handle(
        new Request('http://host/api/v1/auth/azure-auth/login', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({
            ...{ identityId, jwt: token, subscription_id: SUBSCRIPTION },
            ...{ resource_group_name: 'workers', vm_name: 'worker-1', xms_mirid: 'x' },
          }),
        }),
        { clientAddress: '127.0.0.1' },
      )
    const without = sign({ xms_mirid: undefined })
    const outside = sign({ xms_mirid: resourceOf('Microsoft.Compute/virtualMachines', 'w', 'x') })
    expect((await post(here, without))?.status).toBe(401)
    expect((await post(here, outside))?.status).toBe(401)
    expect((await post(here, sign()))?.status).toBe(200)
    const more = { token: sign(), subscription: SUBSCRIPTION } as { readonly token: string }
    const login = countersign.login({ method: 'azure', identity: here, credential: more }, {})
    expect(await refusalOf(login)).toMatchObject({ code: 'invalid_request' })
  })

  test('AZR-007 no policy lets everybody in', async () => {
    const { attach } = await aWorld()
    const refused = [
      {},
      { servicePrincipals: ['*'] },
      { subscriptions: ['*'] },
      { servicePrincipals: ['*'], resourceGroups: ['*'] },
      { subscriptions: [SUBSCRIPTION], resourceGroups: ['*'] },
      { resourceGroups: ['workers'] },
      { subscriptions: [SUBSCRIPTION], virtualMachines: ['worker-1'] },
      { servicePrincipals: [] },
      { servicePrincipals: [OBJECT], audiences: ['https://management.azure.com/'] },
      { servicePrincipals: [OBJECT], audiences: [] },
    ]
    for (const policy of refused)
      expect(await refusalOf(attach(policy))).toMatchObject({ code: 'invalid_request' })
    const audiences = ['https://management.azure.com/']
    await attach({ servicePrincipals: [OBJECT], audiences, sharedAudience: true })
  })

  test('AZR-008 an object id is compared with the object id alone', async () => {
    const { logIn, sign } = await aWorld({ servicePrincipals: [OBJECT] })
    const stranger = '99999999-9999-4999-8999-999999999999'
    for (const form of ['v1', 'v2'] as const)
      for (const claims of [
        { oid: stranger, sub: stranger, appid: OBJECT, azp: OBJECT },
        { oid: undefined, appid: OBJECT, azp: OBJECT },
        { oid: stranger, sub: OBJECT },
      ])
        expect(await refusalOf(logIn(sign(claims, form)))).toMatchObject(DENIED)
    const byClient = await aWorld({ servicePrincipals: [CLIENT] })
    expect(await refusalOf(byClient.logIn())).toMatchObject(DENIED)
  })

  test('AZR-009 a token that speaks for a person opens nothing', async () => {
    const { logIn, sign } = await aWorld()
    for (const claims of [
      { scp: 'user_impersonation' },
      { scp: 'User.Read', idtyp: 'user' },
      { idtyp: 'user' },
      { sub: 'pairwise-subject-of-a-person' },
    ])
      expect(await refusalOf(logIn(sign(claims)))).toMatchObject(DENIED)
    await logIn(sign({ idtyp: undefined }))
  })
})
