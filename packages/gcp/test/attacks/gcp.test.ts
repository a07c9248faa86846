import { signJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import {
  AUDIENCE,
  aWorld,
  EMAIL,
  GOOGLE,
  ON_AN_INSTANCE,
  refusalOf,
  UNIQUE_ID,
} from '../support/world.ts'

const DENIED = { code: 'invalid_credential' }

describe('gcp()', () => {
  test('GCP-001 a token that an account signed is no token of Google, whatever it says of instances', async () => {
    const { logIn, account, countersign, google } = await aWorld({ projects: ['my-project'] })
    const iat = Math.floor(countersign.clock.now().getTime() / 1000)
    const claims = {
      ...{ aud: AUDIENCE, sub: UNIQUE_ID, email: EMAIL, email_verified: true },
      ...{ iat, exp: iat + 300 },
      ...ON_AN_INSTANCE,
    }
    const header = { alg: 'RS256', kid: account.kid, typ: 'JWT' }
    for (const iss of [GOOGLE, EMAIL, 'accounts.google.com'])
      expect(await refusalOf(logIn(signJwt(account, header, { ...claims, iss })))).toMatchObject(
        DENIED,
      )
    expect(google.asked().every((path) => !path.includes('service_accounts'))).toBe(true)
  })

  test('GCP-002 a token is for one audience, and that one', async () => {
    const { logIn, sign, attach, identity } = await aWorld()
    const other = await attach({ serviceAccounts: [EMAIL] })
    const audiences = [undefined, [AUDIENCE], [AUDIENCE, 'https://other.example'], other, identity]
    for (const aud of audiences) expect(await refusalOf(logIn(sign({ aud })))).toMatchObject(DENIED)
    // Without a configured one it is the identity itself, as Infisical's clients have it.
    await expect(logIn(sign({ aud: other }), other)).resolves.toMatchObject({ tokenType: 'Bearer' })
    expect(await refusalOf(logIn(sign({ aud: identity }), other))).toMatchObject(DENIED)
  })

  test('GCP-002 the same for a token that an account signs', async () => {
    const world = await aWorld({ type: 'iam', serviceAccounts: [EMAIL] })
    const { logIn } = world
    await expect(logIn(selfSigned(world))).resolves.toMatchObject({ tokenType: 'Bearer' })
    for (const aud of [undefined, [AUDIENCE], 'https://other.example', world.identity])
      expect(await refusalOf(logIn(selfSigned(world, { aud })))).toMatchObject(DENIED)
  })

  test('GCP-004 no subject leads to a URL that nobody meant', async () => {
    const world = await aWorld({ type: 'iam', serviceAccounts: [EMAIL] })
    const before = world.google.asked().length
    for (const tail of ['/../../evil', '?x=1', '#x', '%2f..', '\r\nHost: evil', '\n', ' '])
      expect(
        await refusalOf(world.logIn(selfSigned(world, { sub: `${EMAIL}${tail}`, iss: undefined }))),
      ).toMatchObject(DENIED)
    const stranger = 'other@my-project.iam.gserviceaccount.com'
    expect(
      await refusalOf(world.logIn(selfSigned(world, { sub: stranger, iss: stranger }))),
    ).toMatchObject(DENIED)
    expect(world.google.asked()).toHaveLength(before)
  })

  test('GCP-005 a token that an account signs ends, and soon', async () => {
    const world = await aWorld({ type: 'iam', serviceAccounts: [EMAIL] })
    const now = Math.floor(world.countersign.clock.now().getTime() / 1000)
    const outcome = async (claims: Readonly<Record<string, unknown>>) =>
      (await refusalOf(world.logIn(selfSigned(world, claims)))).code
    expect(await outcome({ exp: undefined })).toBe('invalid_credential')
    expect(await outcome({ exp: now + 901 })).toBe('invalid_credential')
    expect(await outcome({ iat: undefined, exp: now + 901 })).toBe('invalid_credential')
    await world.logIn(selfSigned(world, { exp: now + 900 }))
    await world.logIn(selfSigned(world, { iat: undefined, iss: undefined, exp: now + 900 }))
    const longer = await world.attach({
      ...{ type: 'iam', serviceAccounts: [EMAIL], audiences: [AUDIENCE], maxLifetime: 3600 },
    })
    await world.logIn(selfSigned(world, { exp: now + 3600 }), longer)
    const token = selfSigned(world, { exp: now + 3601 })
    expect(await refusalOf(world.logIn(token, longer))).toMatchObject(DENIED)
    const tooLong = { type: 'iam', serviceAccounts: [EMAIL], maxLifetime: 3601 } as const
    expect(await refusalOf(world.attach(tooLong))).toMatchObject({ code: 'invalid_request' })
  })

  test('GCP-006 only verified addresses of service accounts are let in', async () => {
    const { logIn, sign } = await aWorld({ serviceAccounts: [EMAIL, UNIQUE_ID] })
    await logIn()
    for (const claims of [
      { email_verified: false },
      { email_verified: 'true' },
      { email_verified: undefined },
      { email: 'jo@gmail.com' },
      { email: undefined },
    ])
      expect(await refusalOf(logIn(sign(claims)))).toMatchObject(DENIED)
  })

  test('GCP-007 an address is compared as it is', async () => {
    const { logIn, sign } = await aWorld()
    for (const email of [
      EMAIL.toUpperCase(),
      `W${EMAIL.slice(1)}`,
      `${EMAIL}.evil`,
      ` ${EMAIL}`,
      `${EMAIL}\n`,
    ])
      expect(await refusalOf(logIn(sign({ email })))).toMatchObject(DENIED)
  })

  test('GCP-008 a policy names somebody', async () => {
    const { attach } = await aWorld()
    const refused = [
      {},
      { audiences: [AUDIENCE] },
      { zones: ['europe-west3-a'] },
      { instances: ['worker-1'] },
      { serviceAccounts: [] },
      { projects: [] },
      { serviceAccounts: ['*'] },
      { projects: ['*'] },
      { type: 'iam' as const },
      { type: 'iam' as const, serviceAccounts: [UNIQUE_ID] },
    ]
    for (const policy of refused)
      expect(await refusalOf(attach(policy))).toMatchObject({ code: 'invalid_request' })
  })

  test('GCP-009 a token that tells of no instance is on none that a policy names', async () => {
    const { logIn, sign, attach } = await aWorld({ projects: ['my-project'] })
    expect(await refusalOf(logIn())).toMatchObject(DENIED)
    const half = { google: { compute_engine: { project_id: 'my-project' } } }
    expect(await refusalOf(logIn(sign(half)))).toMatchObject(DENIED)
    await expect(logIn(sign(ON_AN_INSTANCE))).resolves.toMatchObject({ tokenType: 'Bearer' })
    const elsewhere = await attach({
      ...{ audiences: [AUDIENCE], projects: ['my-project'], zones: ['europe-west3-b'] },
    })
    expect(await refusalOf(logIn(sign(ON_AN_INSTANCE), elsewhere))).toMatchObject(DENIED)
  })
})

/** A token as an account signs it for itself. */
function selfSigned(
  { account, countersign }: Awaited<ReturnType<typeof aWorld>>,
  claims: Readonly<Record<string, unknown>> = {},
): string {
  const iat = Math.floor(countersign.clock.now().getTime() / 1000)
  const usual = { iss: EMAIL, sub: EMAIL, aud: AUDIENCE, iat, exp: iat + 600 }
  const header = { alg: 'RS256', kid: account.kid, typ: 'JWT' }
  return signJwt(account, header, { ...usual, ...claims })
}
