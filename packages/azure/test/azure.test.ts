import { hostileCases } from '@countersign/testing/conformance'
import { fakeKey, signJwt, unsignedJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { issuerOf, keysAt } from '../src/cloud.ts'
import {
  aWorld,
  CLIENT,
  MACHINE,
  OBJECT,
  refusalOf,
  resourceOf,
  SUBSCRIPTION,
  TENANT,
} from './support/world.ts'

describe('azure()', () => {
  test('tells rules what the tenant vouches for', async () => {
    const { logIn } = await aWorld()
    const { accessToken } = await logIn()
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({
      amr: ['azure'],
      att: {
        objectId: OBJECT,
        tenant: TENANT,
        clientId: CLIENT,
        subscription: SUBSCRIPTION,
        resourceGroup: 'workers',
        resource: 'microsoft.compute/virtualmachines/worker-1',
      },
    })
  })

  test('fetches keys once, however many log in', async () => {
    const { logIn, entra } = await aWorld()
    for (let count = 0; count < 20; count += 1) await logIn()
    expect(entra.asked()).toHaveLength(1)
  })

  test('says which check failed', async () => {
    const { logIn, sign, events } = await aWorld({ subscriptions: [SUBSCRIPTION] })
    await refusalOf(logIn(sign({ xms_mirid: undefined })))
    const refused = (await events()).findLast(({ type }) => type === 'login.refused')
    expect(refused).toMatchObject({ reason: 'no_resource', details: { check: 'resource' } })
  })

  test('knows the names of every cloud', () => {
    expect(
      (['public', 'us-government', 'china'] as const).flatMap((cloud) => [
        issuerOf(cloud, 't', 'v1'),
        issuerOf(cloud, 't', 'v2'),
        keysAt(cloud, 't'),
      ]),
    ).toEqual([
      'https://sts.windows.net/t/',
      'https://login.microsoftonline.com/t/v2.0',
      'https://login.microsoftonline.com/t/discovery/v2.0/keys',
      'https://sts.windows.net/t/',
      'https://login.microsoftonline.us/t/v2.0',
      'https://login.microsoftonline.us/t/discovery/v2.0/keys',
      'https://sts.chinacloudapi.cn/t/',
      'https://login.partner.microsoftonline.cn/t/v2.0',
      'https://login.partner.microsoftonline.cn/t/discovery/v2.0/keys',
    ])
  })

  // environment → claims available → smallest safe policy: the table of docs/reference/auth-methods/azure.md
  const within = { subscriptions: [SUBSCRIPTION], resourceGroups: ['workers'] }
  const scaleSet = resourceOf('Microsoft.Compute/virtualMachineScaleSets', 'pool')
  const site = resourceOf('Microsoft.Web/sites', 'shop')
  const userAssigned = resourceOf('Microsoft.ManagedIdentity/userAssignedIdentities', 'deploy')
  const table = [
    ['virtual machine, own identity', MACHINE, { ...within, virtualMachines: ['Worker-1'] }, true],
    ['another virtual machine', MACHINE, { ...within, virtualMachines: ['worker-11'] }, false],
    [
      'a machine under the name of a scale set',
      MACHINE,
      { ...within, scaleSets: ['worker-1'] },
      false,
    ],
    ['scale set, own identity', scaleSet, { ...within, scaleSets: ['pool'] }, true],
    ['App Service, Functions', site, within, true],
    ['App Service, Functions, by its principal', site, { servicePrincipals: [OBJECT] }, true],
    [
      'App Service, Functions, of another group',
      resourceOf('Microsoft.Web/sites', 'shop', 'Other'),
      within,
      false,
    ],
    ['user-assigned identity', userAssigned, { servicePrincipals: [OBJECT] }, true],
    [
      'a user-assigned identity, by its machine',
      userAssigned,
      { ...within, virtualMachines: ['worker-1'] },
      false,
    ],
    ['AKS workload identity', undefined, { servicePrincipals: [OBJECT] }, true],
    ['AKS workload identity, by its group', undefined, within, false],
    ['a service principal', undefined, { servicePrincipals: [OBJECT] }, true],
    ['a service principal, not that one', undefined, { servicePrincipals: [CLIENT] }, false],
    ['half a resource', `/subscriptions/${SUBSCRIPTION}`, within, false],
    ['a resource in a resource', `${MACHINE}/extensions/x`, within, false],
  ] as const
  test.each(table)('%s', async (_environment, xms_mirid, policy, isLetIn) => {
    const { logIn, sign } = await aWorld(policy)
    const attempt = logIn(sign({ xms_mirid }))
    if (isLetIn) await expect(attempt).resolves.toMatchObject({ tokenType: 'Bearer' })
    else expect(await refusalOf(attempt)).toMatchObject({ code: 'invalid_credential' })
  })
})

describe('azure(): somebody hostile', () => {
  for (const { name, run } of hostileCases)
    test(name, async () => {
      const { logIn, sign, entra, countersign, events } = await aWorld({
        servicePrincipals: [OBJECT],
        replay: 'signature',
      })
      const [header = '', payload = ''] = sign().split('.')
      const stranger = fakeKey('RS256', { kid: entra.key().kid })
      const claims = (): object => JSON.parse(Buffer.from(payload, 'base64url').toString())
      const seconds = Math.floor(countersign.clock.now().getTime() / 1000)
      await run({
        honest: () => logIn(),
        events,
        hostile: {
          unsigned: () => logIn(`${header}.${payload}.`),
          none: () => logIn(unsignedJwt({ alg: 'none' }, claims(), 'AAAA')),
          wrong_key: () => logIn(signJwt(stranger, { alg: 'RS256', kid: stranger.kid }, claims())),
          wrong_audience: () => logIn(sign({ aud: 'api://other' })),
          other_issuer: () => logIn(sign({ iss: 'https://sts.windows.net/' })),
          expired: () => logIn(sign({ iat: seconds - 600, exp: seconds - 30 })),
          not_yet_valid: () => logIn(sign({ nbf: seconds + 31 })),
          replayed: async () => {
            const token = sign()
            await logIn(token)
            return logIn(token)
          },
          oversized: () => logIn(sign({ padding: 'x'.repeat(5_000_000) })),
          malformed: () => logIn('not.a.token'),
          issuer_down: async () => {
            await entra.close()
            return logIn()
          },
        },
      })
    })
})
