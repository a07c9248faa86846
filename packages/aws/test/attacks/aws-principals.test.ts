import { aws } from '@countersign/aws'
import { oidc } from '@countersign/oidc'
import { testCountersign } from '@countersign/testing'
import { fakeSts } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { ACCOUNT, AUDIENCE, HOME } from '../support/names.ts'
import { headersOf, signPost } from '../support/sign.ts'
import { anAws, claimsOf, closing, refusalOf } from '../support/world.ts'

describe('who is let in', () => {
  test.each([
    `arn:aws:sts::${ACCOUNT}:assumed-role/*/prod`,
    `arn:aws:sts::${ACCOUNT}:assumed-role/app/prod`,
    `arn:aws:sts::${ACCOUNT}:assumed-role/app/pr*`,
  ])('AWS-012 nobody by the name of a session: %s', async (glob) => {
    const { attach, sts, logInBy } = await anAws()
    for (const rule of [glob, { glob }])
      expect(await refusalOf(attach({ principals: [rule] }))).toMatchObject({
        code: 'invalid_request',
      })
    const prod = sts.assumeRole(ACCOUNT, 'other', 'prod')
    expect(await refusalOf(logInBy(prod))).toMatchObject({ reason: 'principal_not_allowed' })
  })

  test('AWS-012 a role is let in whatever its session is called', async () => {
    const { attach, sts, logInBy } = await anAws()
    const glob = `arn:aws:sts::${ACCOUNT}:assumed-role/app/*`
    for (const rule of [glob, { glob }]) {
      const identity = await attach({ principals: [rule] })
      const keys = sts.assumeRole(ACCOUNT, 'app', 'whatever')
      await expect(logInBy(keys, identity)).resolves.toBeDefined()
    }
  })

  test('AWS-013 nobody of another account, whose name may be the same', async () => {
    const { attach, sts, logInBy } = await anAws({ accounts: undefined } as never)
    for (const account of ['*', '1*', '11111111111?', '1111'])
      expect(
        await refusalOf(attach({ principals: [{ glob: `arn:aws:iam::${account}:role/app` }] })),
      ).toMatchObject({ code: 'invalid_request' })
    const stranger = sts.assumeRole('222222222222', 'app')
    expect(await refusalOf(logInBy(stranger))).toMatchObject({ reason: 'principal_not_allowed' })
    const byAccount = await attach({ accounts: [ACCOUNT] })
    expect(await refusalOf(logInBy(stranger, byAccount))).toMatchObject({
      reason: 'account_not_allowed',
    })
    await expect(logInBy(sts.assumeRole(ACCOUNT, 'any'), byAccount)).resolves.toBeDefined()
  })

  test('AWS-014 a star crosses neither : nor /', async () => {
    const { attach, sts, logInBy } = await anAws()
    const identity = await attach({ principals: [{ glob: `arn:aws:iam::${ACCOUNT}:user/dev-*` }] })
    await expect(logInBy(sts.createUser(ACCOUNT, 'dev-a'), identity)).resolves.toBeDefined()
    const others = [
      ['/dev-x/', 'bob'],
      ['/dev-x/:user/', 'dev-y'],
      ['/dev-x:user/', 'dev-y'],
      ['/x/', 'dev-y'],
      ['/', 'dev-'],
      ['/', 'xdev-a'],
    ] as const
    for (const [path, name] of others)
      expect(await refusalOf(logInBy(sts.createUser(ACCOUNT, name, path), identity))).toMatchObject(
        {
          reason: 'principal_not_allowed',
        },
      )
  })

  const EMPTY = [
    {},
    { accounts: [] },
    { principals: [] },
    { accounts: [], principals: [], uniqueIds: [] },
    { partition: 'aws' },
    { stsEndpoint: 'https://sts.amazonaws.com' },
  ]
  test.each(EMPTY)('AWS-015 nobody by a policy that names none: %j', async (policy) => {
    const { attach } = await anAws()
    expect(await refusalOf(attach(policy as never))).toMatchObject({ code: 'invalid_request' })
  })

  test('AWS-016 no header is there twice, in whatever case', async () => {
    const { logIn, sign, sts } = await anAws()
    const credential = await sign()
    const headers = headersOf(credential)
    const json = JSON.stringify(headers)
    const twice = [
      JSON.stringify({ ...headers, Authorization: 'AWS4-HMAC-SHA256 x' }),
      JSON.stringify({ ...headers, HOST: 'evil.net' }),
      json.replace('{', '{"authorization":"x",'),
      json.replace('{', `{"Authorization":${JSON.stringify(headers['authorization'])},`),
    ]
    for (const text of twice) {
      const changed = { ...credential, headers: Buffer.from(text).toString('base64') }
      expect(await refusalOf(logIn(changed))).toMatchObject({ code: 'invalid_request' })
    }
    expect(sts.asked()).toEqual([])
    await expect(logIn(credential)).resolves.toBeDefined()
  })

  test('LGN-014 a login by another method than the identity has is as one of nobody', async () => {
    const sts = closing(await fakeSts())
    const verifiers = [aws({ audience: AUDIENCE }), oidc()] as const
    const countersign = testCountersign({ verifiers, rateLimits: 'off' })
    const host = countersign.asHost('test')
    await host.organizations.create({ id: 'acme', name: 'Acme' })
    const create = async (authMethod: never) =>
      (await host.identities.create({ organization: 'acme', name: 'one', authMethod })).identity.id
    const byOidc = await create({
      method: 'oidc',
      policy: { issuer: 'https://issuer.example', audiences: ['a'], subject: 'b' },
    } as never)
    const byAws = await create({ method: 'aws', policy: { accounts: [ACCOUNT] } } as never)
    const other = await create({ method: 'universal' } as never)
    const { clientSecret } = await host.clientSecrets.create({
      organization: 'acme',
      identity: other,
    })
    const nobody = 'idn_00000000000000000000000000'
    const request = await signPost(sts.assumeRole(ACCOUNT, 'app'), { now: countersign.clock.now() })
    const attempts = [
      { method: 'universal', identity: byOidc, credential: { clientSecret } },
      { method: 'universal', identity: nobody, credential: { clientSecret } },
      { method: 'oidc', identity: byAws, credential: { token: 'a.b.c' } },
      { method: 'oidc', identity: nobody, credential: { token: 'a.b.c' } },
      { method: 'aws', identity: byOidc, credential: request },
      { method: 'aws', identity: nobody, credential: request },
    ]
    const faces = []
    for (const attempt of attempts) {
      const error = await refusalOf(countersign.login(attempt as never, HOME))
      faces.push([error.code, error.message, error.retryAfter])
    }
    expect(faces[0]?.[0]).toBe('invalid_credential')
    expect(new Set(faces.map((face) => JSON.stringify(face))).size).toBe(1)
  })

  test('LOG-010 what opens something stands in headers alone, never in the URL of a question', async () => {
    const { logIn, sts, keys, sign, countersign, events } = await anAws()
    const credential = await sign()
    const { accessToken } = await logIn(credential)
    expect(sts.asked()).toEqual(['POST /'])
    const authorization = headersOf(credential)['authorization'] ?? ''
    const signature = authorization.slice(-64)
    expect(sts.received()[0]?.headers['authorization']).toBe(authorization)
    const told = JSON.stringify([await events(), claimsOf(accessToken)])
    for (const secret of [signature, keys.sessionToken ?? '', keys.secretAccessKey])
      expect(told).not.toContain(secret)
    expect(await countersign.authenticate(accessToken, {})).toBeDefined()
  })

  test('LOG-010 a presigned URL is the exception, by its nature: STS alone is shown it, once', async () => {
    const { logIn, presigned, sts, events } = await anAws()
    const { presignedUrl } = await presigned()
    await logIn({ presignedUrl })
    expect(await refusalOf(logIn({ presignedUrl }))).toMatchObject({ reason: 'evidence_replayed' })
    expect(sts.asked()[0]).toMatch(/^GET \/\?Action=GetCallerIdentity&/)
    const signature = new URL(presignedUrl).searchParams.get('X-Amz-Signature') ?? ''
    expect(JSON.stringify(await events())).not.toContain(signature)
  })
})
