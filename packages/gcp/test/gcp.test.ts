import { hostileCases } from '@countersign/testing/conformance'
import { fakeKey, signJwt, unsignedJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { aWorld, EMAIL, GOOGLE, ON_AN_INSTANCE, refusalOf, UNIQUE_ID } from './support/world.ts'

describe('gcp()', () => {
  test('tells rules what Google vouches for', async () => {
    const { logIn, sign } = await aWorld({ serviceAccounts: [UNIQUE_ID] })
    const { accessToken } = await logIn(sign(ON_AN_INSTANCE))
    const claims = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString())
    expect(claims).toMatchObject({
      amr: ['gcp'],
      att: {
        email: EMAIL,
        serviceAccountId: UNIQUE_ID,
        project: 'my-project',
        zone: 'europe-west3-a',
        instance: 'worker-1',
        instanceId: '152986662232938449',
      },
    })
  })

  test('fetches keys once, however many log in', async () => {
    const { logIn, google } = await aWorld()
    for (let count = 0; count < 20; count += 1) await logIn()
    expect(google.asked()).toHaveLength(1)
  })

  test('says which check failed, and what to bind instead where a policy cannot hold', async () => {
    const { logIn, sign, events, attach } = await aWorld({ projects: ['my-project'] })
    await refusalOf(logIn(sign()))
    const refused = (await events()).findLast(({ type }) => type === 'login.refused')
    expect(refused).toMatchObject({
      reason: 'no_instance',
      details: { check: 'project', expected: 'my-project' },
    })
    const policy = { type: 'iam', serviceAccounts: [EMAIL], projects: ['my-project'] } as const
    expect((await refusalOf(attach(policy))).message).toContain('name serviceAccounts instead')
  })

  // environment → claims available → smallest safe policy: the table of docs/reference/auth-methods/gcp.md
  const table = [
    ['Compute Engine', ON_AN_INSTANCE, { projects: ['my-project'], instances: ['worker-1'] }, true],
    ['GKE, by its metadata server', ON_AN_INSTANCE, { serviceAccounts: [EMAIL] }, true],
    [
      'GKE, by its metadata server, as another account',
      ON_AN_INSTANCE,
      { serviceAccounts: ['other@my-project.iam.gserviceaccount.com'] },
      false,
    ],
    ['Cloud Run, Cloud Functions', {}, { serviceAccounts: [UNIQUE_ID] }, true],
    ['Cloud Run, Cloud Functions, by project', {}, { projects: ['my-project'] }, false],
    ['App Engine', {}, { serviceAccounts: [EMAIL] }, true],
    ['an impersonated account', {}, { serviceAccounts: [EMAIL] }, true],
    [
      'an impersonated account, by zone',
      {},
      { serviceAccounts: [EMAIL], zones: ['europe-west3-a'] },
      false,
    ],
  ] as const
  test.each(table)('%s', async (_environment, claims, policy, isLetIn) => {
    const { logIn, sign } = await aWorld(policy)
    const attempt = logIn(sign(claims))
    if (isLetIn) await expect(attempt).resolves.toMatchObject({ tokenType: 'Bearer' })
    else expect(await refusalOf(attempt)).toMatchObject({ code: 'invalid_credential' })
  })
})

describe('gcp(): somebody hostile', () => {
  for (const { name, run } of hostileCases)
    test(name, async () => {
      const { logIn, sign, google, countersign, events } = await aWorld({
        serviceAccounts: [EMAIL],
        replay: 'signature',
      })
      const [header = '', payload = ''] = sign().split('.')
      const stranger = fakeKey('RS256', { kid: google.key().kid })
      const claims = (): object => JSON.parse(Buffer.from(payload, 'base64url').toString())
      const seconds = Math.floor(countersign.clock.now().getTime() / 1000)
      await run({
        honest: () => logIn(),
        events,
        hostile: {
          unsigned: () => logIn(`${header}.${payload}.`),
          none: () => logIn(unsignedJwt({ alg: 'none' }, claims(), 'AAAA')),
          wrong_key: () => logIn(signJwt(stranger, { alg: 'RS256', kid: stranger.kid }, claims())),
          wrong_audience: () => logIn(sign({ aud: 'https://other.example' })),
          other_issuer: () => logIn(sign({ iss: `${GOOGLE}/` })),
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
            await google.close()
            return logIn()
          },
        },
      })
    })
})
