import { aws } from '@countersign/aws'
import { parseWith } from '@countersign/core/plugin'
import { hostileCases } from '@countersign/testing/conformance'
import { describe, expect, test } from 'vitest'
import { ACCOUNT, AUDIENCE, ROLE_ARN } from './support/names.ts'
import { headersOf, toCredential } from './support/sign.ts'
import { anAws, claimsOf, refusalOf } from './support/world.ts'

describe('aws()', () => {
  test('lets in the session of a role, and records whose it is', async () => {
    const { logIn, sts } = await anAws()
    const { accessToken } = await logIn()
    const uniqueId = sts.roleIdOf(ACCOUNT, 'app')
    expect(claimsOf(accessToken)['att']).toEqual({
      partition: 'aws',
      account: ACCOUNT,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/app/session`,
      principalArn: ROLE_ARN,
      type: 'role',
      name: 'app',
      session: 'session',
      userId: `${uniqueId}:session`,
      uniqueId,
    })
    expect(sts.asked()).toEqual(['POST /'])
  })

  test('takes a presigned URL as well, and sends its own audience', async () => {
    const { logIn, presigned, sts } = await anAws()
    await expect(logIn(await presigned())).resolves.toBeDefined()
    expect(sts.received()[0]?.headers['x-countersign-audience']).toBe(AUDIENCE)
    const foreign = await presigned({ audience: 'https://other.example' })
    expect(await refusalOf(logIn(foreign))).toMatchObject({ reason: 'sts_refused' })
    const unbound = await presigned({ audience: undefined })
    expect(await refusalOf(logIn(unbound))).toMatchObject({ reason: 'audience_not_signed' })
    expect(sts.asked()).toHaveLength(2)
  })

  test.each([
    ['a member twice', (url: string) => `${url}&action=GetCallerIdentity`, 'request_malformed'],
    ['a member more', (url: string) => `${url}&X-Amz-Foo=1`, 'request_malformed'],
    ['another action', (url: string) => url.replace('GetCaller', 'GetX'), 'wrong_action'],
    ['another host', (url: string) => url.replace('sts.eu', 'evil.eu'), 'wrong_host'],
    [
      'another region',
      (url: string) => url.replace('sts.eu-west-1', 'sts.eu-west-2'),
      'wrong_region',
    ],
    ['a user before its host', (url: string) => url.replace('//', '//x@'), 'request_malformed'],
    ['a path', (url: string) => url.replace('/?', '/x?'), 'request_malformed'],
    ['a fragment', (url: string) => `${url}#x`, 'request_malformed'],
    ['plain http', (url: string) => url.replace('https', 'http'), 'request_malformed'],
    [
      'a longer life',
      (url: string) => url.replace('Expires=60', 'Expires=901'),
      'lifetime_too_long',
    ],
    [
      'a life without end',
      (url: string) => url.replace('Expires=60', 'Expires=0'),
      'date_malformed',
    ],
    [
      'another header',
      (url: string) => url.replace('host%3B', 'accept%3Bhost%3B'),
      'header_not_allowed',
    ],
  ])('asks nobody about a presigned URL with %s', async (_what, change, reason) => {
    const { logIn, presigned, sts } = await anAws()
    const { presignedUrl } = await presigned()
    const changed = change(presignedUrl)
    expect(changed).not.toBe(presignedUrl)
    expect(await refusalOf(logIn({ presignedUrl: changed }))).toMatchObject({ reason })
    expect(sts.asked()).toEqual([])
  })

  test('a presigned URL ends when its signer said', async () => {
    const { logIn, presigned, clock, sts } = await anAws()
    const credential = await presigned({ expires: 60 })
    clock.advance(60)
    expect(await refusalOf(logIn(credential))).toMatchObject({ reason: 'request_expired' })
    expect(sts.asked()).toEqual([])
  })

  test('sends of the headers only those that were signed, and a request of its own making', async () => {
    const { logIn, sign, sts } = await anAws()
    await logIn(await sign({ after: { 'user-agent': 'unsigned', 'amz-sdk-request': 'attempt=1' } }))
    const [received] = sts.received()
    expect(received?.body).toBe('Action=GetCallerIdentity&Version=2011-06-15')
    expect(received?.headers).not.toHaveProperty('user-agent')
    expect(received?.headers).not.toHaveProperty('amz-sdk-request')
    expect(received?.headers['host']).toBe('sts.eu-west-1.amazonaws.com')
  })

  test('a role that was deleted and made again is another where its unique id is bound', async () => {
    const { sts, attach, usual, logInBy, keys } = await anAws()
    const identity = await attach({ ...usual, uniqueIds: [sts.roleIdOf(ACCOUNT, 'app')] })
    await expect(logInBy(keys, identity)).resolves.toBeDefined()
    sts.deleteRole(ACCOUNT, 'app')
    const again = sts.assumeRole(ACCOUNT, 'app')
    expect(await refusalOf(logInBy(again, identity))).toMatchObject({ reason: 'wrong_unique_id' })
    await expect(logInBy(again)).resolves.toBeDefined()
  })

  test('the root of an account and federated users have no place in a policy', async () => {
    const { sts, attach, logInBy } = await anAws()
    const identity = await attach({ accounts: [ACCOUNT] })
    const root = sts.createKeys({
      arn: `arn:aws:iam::${ACCOUNT}:root`,
      userId: ACCOUNT,
      account: ACCOUNT,
    })
    expect(await refusalOf(logInBy(root, identity))).toMatchObject({ reason: 'root_not_supported' })
    const arn = `arn:aws:sts::${ACCOUNT}:federated-user/bob`
    const bob = sts.createKeys({ arn, userId: `${ACCOUNT}:bob`, account: ACCOUNT })
    expect(await refusalOf(logInBy(bob, identity))).toMatchObject({
      reason: 'federated_user_not_supported',
    })
  })

  test('the account of an answer must be that of its ARN', async () => {
    const { sts, logInBy } = await anAws()
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/app/x`
    const keys = sts.createKeys({ arn, userId: 'AROAXXXXXXXXXXXXXXXX:x', account: '222222222222' })
    expect(await refusalOf(logInBy(keys))).toMatchObject({ reason: 'unknown_arn' })
  })

  test('an account number of another partition is another customer', async () => {
    const { sts, sign, logIn } = await anAws()
    const arn = `arn:aws-cn:sts::${ACCOUNT}:assumed-role/app/x`
    const keys = sts.createKeys({ arn, userId: 'AROAXXXXXXXXXXXXXXXX:x', account: ACCOUNT })
    const china = { region: 'cn-north-1', host: 'sts.cn-north-1.amazonaws.com.cn' }
    expect(await refusalOf(logIn(await sign(china, keys)))).toMatchObject({
      reason: 'wrong_partition',
    })
    // One that answers for itself must not say whose it is, either.
    expect(await refusalOf(logIn(await sign({}, keys)))).toMatchObject({ reason: 'unknown_arn' })
    const there = await anAws({ principals: [`arn:aws-cn:iam::${ACCOUNT}:role/app`] })
    const theirs = there.sts.createKeys({ arn, userId: 'AROAXXXXXXXXXXXXXXXX:x', account: ACCOUNT })
    await expect(there.logIn(await there.sign(china, theirs))).resolves.toBeDefined()
  })

  test.each([
    ['us-east-1', 'sts.amazonaws.com'],
    ['us-east-1', 'sts.us-east-1.amazonaws.com'],
    ['us-east-1', 'sts-fips.us-east-1.amazonaws.com'],
    ['eu-west-1', 'sts.eu-west-1.api.aws'],
    ['ap-southeast-7', 'sts.ap-southeast-7.amazonaws.com'],
  ])('knows the hosts of STS: %s, %s', async (region, host) => {
    const { sign, logIn } = await anAws()
    await expect(logIn(await sign({ region, host }))).resolves.toBeDefined()
  })

  test('finds the host of whoever names none, by the region that was signed', async () => {
    const { sign, logIn, sts } = await anAws()
    await logIn(await sign({ after: { host: undefined } }))
    expect(sts.received()[0]?.headers['host']).toBe('sts.eu-west-1.amazonaws.com')
    const nowhere = await sign({ region: 'eu-west-9', after: { host: undefined } })
    expect(await refusalOf(logIn(nowhere))).toMatchObject({ reason: 'wrong_host' })
  })

  test('admits the regions that its operator lists, new ones and no others', async () => {
    const { sign, logIn } = await anAws({}, { regions: { aws: ['eu-west-9'] } })
    await expect(logIn(await sign({ region: 'eu-west-9' }))).resolves.toBeDefined()
    expect(await refusalOf(logIn(await sign()))).toMatchObject({ reason: 'wrong_host' })
    const regions = { aws: ['evil.net/'] }
    expect(() => aws({ audience: AUDIENCE, regions })).toThrow(TypeError)
  })

  test('asks the real host where no endpoint was named, which its egress must admit', async () => {
    const asked: string[] = []
    const network = {
      resolve: async (host: string) => {
        asked.push(host)
        return ['169.254.169.254']
      },
      send: async () => ({ status: 200, headers: {}, body: new Uint8Array() }),
      deadline: () => new AbortController().signal,
    }
    const { logIn } = await anAws({}, { endpoints: [], network })
    expect(await refusalOf(logIn())).toMatchObject({
      code: 'unavailable',
      cause: { code: 'egress_refused' },
    })
    expect(asked).toEqual(['sts.eu-west-1.amazonaws.com'])
  })

  test('a policy may pin a host, or an endpoint of the operator, and nobody else', async () => {
    const { attach, usual, login, sign, sts } = await anAws()
    const pinned = await attach({ ...usual, stsEndpoint: 'https://sts.eu-west-1.amazonaws.com' })
    await expect(
      login(pinned, await sign({ headers: { 'amz-sdk-invocation-id': '1' } })),
    ).resolves.toBeDefined()
    const endpoint = await attach({ ...usual, stsEndpoint: sts.url })
    await expect(
      login(endpoint, await sign({ headers: { 'amz-sdk-invocation-id': '2' } })),
    ).resolves.toBeDefined()
    const open = await attach({ ...usual, stsEndpoint: 'https://sts.amazonaws.com/' })
    await expect(login(open, await sign())).resolves.toBeDefined()
  })

  test('a header of another name, and requests without one where the operator lets them', async () => {
    const named = await anAws({}, { audienceHeader: 'X-Infisical-Server' })
    await expect(
      named.logIn(await named.sign({ audienceHeader: 'x-infisical-server' })),
    ).resolves.toBeDefined()
    expect(await refusalOf(named.logIn())).toMatchObject({ reason: 'header_not_allowed' })
    const lax = await anAws({}, { allowUnbound: true })
    await expect(lax.logIn(await lax.sign({ audience: undefined }))).resolves.toBeDefined()
    expect(JSON.stringify((await lax.events()).at(-1))).toContain('audience_not_signed')
    const wrong = await lax.sign({ audience: 'https://other.example' })
    expect(await refusalOf(lax.logIn(wrong))).toMatchObject({ reason: 'wrong_audience' })
    const strict = await lax.attach({ ...lax.usual, audienceRequired: true })
    const unbound = await lax.sign({ audience: undefined })
    expect(await refusalOf(lax.login(strict, unbound))).toMatchObject({
      reason: 'audience_not_signed',
    })
  })

  test('an audience that was put in after the signature is none', async () => {
    const { logIn, sign, sts } = await anAws()
    const credential = await sign({
      audience: undefined,
      after: { 'x-countersign-audience': AUDIENCE },
    })
    expect(await refusalOf(logIn(credential))).toMatchObject({ reason: 'audience_not_signed' })
    expect(sts.asked()).toEqual([])
  })
})

describe('the options of aws()', () => {
  test.each([
    ['no audience', { audience: '' }],
    ['an audience of two lines', { audience: 'a\nb' }],
    ['a header of AWS', { audience: 'a', audienceHeader: 'x-amz-date' }],
    ['a header of HTTP', { audience: 'a', audienceHeader: 'authorization' }],
    ['an endpoint with a path', { audience: 'a', endpoints: [{ url: 'https://sts.example/x' }] }],
    ['an endpoint in plain http', { audience: 'a', endpoints: [{ url: 'http://sts.example' }] }],
  ])('refuse %s', (_what, options) => {
    expect(() => aws(options)).toThrow(TypeError)
  })
})

describe('the policy of aws()', () => {
  const { policy } = aws({ audience: AUDIENCE })
  test.each([
    [{ accounts: [ACCOUNT] }],
    [{ principals: [ROLE_ARN] }],
    [{ principals: [{ glob: `arn:aws:iam::${ACCOUNT}:role/app-*` }] }],
    [{ principals: [`arn:aws:sts::${ACCOUNT}:assumed-role/app/*`] }],
    [{ principals: [`arn:aws:iam::${ACCOUNT}:role/a/path/app`] }],
    [{ uniqueIds: ['AROAABCDEFGHIJKLMNOP'] }],
    [{ accounts: [ACCOUNT], partition: 'aws-us-gov' }],
  ])('accepts %j', (given) => {
    expect(parseWith(policy, given)).toHaveProperty('value')
  })

  test.each([
    ['a short account', { accounts: ['1'] }],
    ['a pattern for an account', { accounts: ['*'] }],
    ['everything of an account', { principals: [{ glob: `arn:aws:iam::${ACCOUNT}:*` }] }],
    ['a pattern without saying so', { principals: [`arn:aws:iam::${ACCOUNT}:role/*`] }],
    ['a pattern for the kind', { principals: [{ glob: `arn:aws:iam::${ACCOUNT}:*/app` }] }],
    ['another partition', { principals: [`arn:aws-x:iam::${ACCOUNT}:role/app`] }],
    ['two partitions', { principals: [ROLE_ARN, `arn:aws-cn:iam::${ACCOUNT}:role/app`] }],
    ['the root', { principals: [`arn:aws:iam::${ACCOUNT}:root`] }],
    ['a role of sts', { principals: [`arn:aws:sts::${ACCOUNT}:role/app`] }],
    ['an empty part', { principals: [`arn:aws:iam::${ACCOUNT}:user//app`] }],
    ['two stars', { principals: [{ glob: `arn:aws:iam::${ACCOUNT}:user/**` }] }],
    [
      'the path of a role in a pattern',
      { principals: [{ glob: `arn:aws:iam::${ACCOUNT}:role/a/*` }] },
    ],
    ['a key as a unique id', { uniqueIds: ['AKIAABCDEFGHIJKLMNOP'] }],
    ['an STS of its own', { accounts: [ACCOUNT], stsEndpoint: 'https://sts.evil.net' }],
    ['a longer age', { accounts: [ACCOUNT], maxAge: 901 }],
  ])('refuses %s', (_what, given) => {
    expect(parseWith(policy, given)).toHaveProperty('problem')
  })
})

describe('aws(): somebody hostile', () => {
  for (const form of ['sign', 'presigned'] as const)
    for (const { name, run } of hostileCases)
      test(`${name} (${form === 'sign' ? 'POST' : 'presigned'})`, async () => {
        const world = await anAws()
        const { sts, clock, logIn, keys, events } = world
        const make = world[form]
        const stolen = { ...keys, secretAccessKey: 'another' }
        const strip = async (from: string, to: string) => {
          const credential = await make()
          if ('presignedUrl' in credential)
            return { presignedUrl: credential.presignedUrl.replace(from, to) }
          const headers = headersOf(credential)
          return toCredential({
            ...headers,
            authorization: headers['authorization']?.replace(from, to),
          })
        }
        await run({
          honest: async () => logIn(await make()),
          events,
          hostile: {
            unsigned: async () => logIn(await strip('Signature=', 'Sig=')),
            none: async () => logIn(await strip('AWS4-HMAC-SHA256', 'none')),
            wrong_key: async () => logIn(await make({}, stolen)),
            wrong_audience: async () => logIn(await make({ audience: 'https://other.example' })),
            other_issuer: async () =>
              logIn(await make({ region: 'cn-north-1', host: 'sts.cn-north-1.amazonaws.com.cn' })),
            expired: async () => {
              const credential = await make()
              clock.advance(901)
              return logIn(credential)
            },
            not_yet_valid: async () =>
              logIn(await make({ now: new Date(clock.now().getTime() + 301_000) })),
            replayed: async () => {
              const credential = await make()
              await logIn(credential)
              return logIn(credential)
            },
            oversized: async () => logIn({ presignedUrl: 'x'.repeat(100_000) }),
            malformed: async () =>
              logIn(form === 'sign' ? { body: 'x', headers: '!' } : { presignedUrl: 'x' }),
            issuer_down: async () => {
              const credential = await make()
              await sts.close()
              return logIn(credential)
            },
          },
        })
      })
})
