import { toEpochSeconds } from '@countersign/core/plugin'
import { fakeIssuer, signJwt, unsignedJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, anIssuedWorld, closing, refusalOf, SUBJECT } from '../support/world.ts'

type World = Awaited<ReturnType<typeof anIssuedWorld>>

/** Presents tokens that must all be refused, and answers the reasons that the trail has. */
async function reasonsOf(world: World, tokens: readonly string[]): Promise<readonly string[]> {
  await world.logIn()
  const reasons: string[] = []
  for (const token of tokens) {
    const error = await refusalOf(world.logIn(token))
    expect(error.code).toBe('invalid_credential')
    reasons.push(String(error.reason))
  }
  return reasons
}

const unique = (reasons: readonly string[]): readonly string[] => [...new Set(reasons)]

describe('the claims of a foreign token', () => {
  test('JWT-001 the issuer is exactly the one of the policy', async () => {
    const world = await anIssuedWorld()
    const { url } = world.issuer
    const others = [
      `${url}/`,
      url.toUpperCase(),
      [url],
      url.slice(0, -1),
      `x${url}`,
      undefined,
      '',
      null,
    ]
    const tokens = others.map((iss) => world.sign({ iss }))
    expect(unique(await reasonsOf(world, tokens))).toEqual(['wrong_issuer'])
  })

  test('JWT-002 the audience is exactly one of the policy, and nobody else', async () => {
    const world = await anIssuedWorld()
    const evil = 'https://evil.example'
    const others = [
      evil,
      undefined,
      [],
      '',
      [AUDIENCE, evil],
      { 0: AUDIENCE },
      `${AUDIENCE}/x`,
      [null],
      [[AUDIENCE]],
    ]
    const tokens = others.map((aud) => world.sign({ aud }))
    expect(unique(await reasonsOf(world, tokens))).toEqual(['wrong_audience'])
    await expect(world.logIn(world.sign({ aud: [AUDIENCE] }))).resolves.toBeDefined()
    const wide = await world.byOidc({ ...world.policy, otherAudiences: true })
    await expect(world.login(wide, world.sign({ aud: [evil, AUDIENCE] }))).resolves.toBeDefined()
  })

  test('JWT-005 a token has an end', async () => {
    const world = await anIssuedWorld()
    expect(await reasonsOf(world, [world.sign({ exp: undefined })])).toEqual(['no_expiry'])
  })

  test('JWT-006 its end is a whole number of seconds, and near', async () => {
    const world = await anIssuedWorld()
    const iat = toEpochSeconds(world.countersign.clock.now())
    const ends = [
      '1e308',
      '1e999',
      '-1',
      '0',
      `"${iat + 60}"`,
      `${iat + 60}.5`,
      '"NaN"',
      '9007199254740993',
      `${iat + 86_401}`,
    ]
    const { key, url } = world.issuer
    const { kid } = key()
    const tokens = ends.map((exp) =>
      signJwt(
        key(),
        { alg: 'ES256', kid },
        `{"iss":"${url}","aud":"${AUDIENCE}","sub":"${SUBJECT}","iat":${iat},"exp":${exp}}`,
      ),
    )
    const reasons = await reasonsOf(world, tokens)
    expect(unique(reasons).toSorted()).toEqual(['lifetime_too_long', 'no_expiry', 'token_expired'])
    expect(reasons.at(-1)).toBe('lifetime_too_long')
  })

  test('JWT-007 it is neither issued nor begins in the future, but for 30 seconds', async () => {
    const world = await anIssuedWorld()
    const now = toEpochSeconds(world.countersign.clock.now())
    const late = [
      { iat: now + 3600, exp: now + 3700 },
      { iat: now + 31 },
      { nbf: now + 3600 },
      { nbf: now + 31 },
      { nbf: '0' },
      { iat: '0' },
      { iat: undefined },
    ]
    const reasons = await reasonsOf(
      world,
      late.map((claims) => world.sign(claims)),
    )
    expect(unique(reasons)).toEqual(['token_issued_in_future', 'token_not_yet_valid'])
    await expect(world.logIn(world.sign({ iat: now + 30, nbf: now + 30 }))).resolves.toBeDefined()
  })

  test('JWT-008 it is not older than it may be, whatever its end says', async () => {
    const world = await anIssuedWorld({ maxAge: 3600 })
    const now = toEpochSeconds(world.countersign.clock.now())
    const old = [now - 25 * 3600, now - 3630].map((iat) => world.sign({ iat, exp: now + 60 }))
    expect(await reasonsOf(world, old)).toEqual(['token_too_old', 'token_too_old'])
    await expect(world.logIn(world.sign({ iat: now - 3629, exp: now + 60 }))).resolves.toBeDefined()
  })

  test('JWT-024 a claim is compared by type and value, and what is absent equals nothing', async () => {
    const world = await anIssuedWorld({ claims: { repository: 'org/app', '/a/b': { not: 'x' } } })
    const good = { repository: 'org/app', a: { b: 'y' } }
    await world.logIn(world.sign(good))
    const others = [['org/app'], 7, { 0: 'org/app' }, null, undefined, 'org/app ', 'Org/app', true]
    const bad = [
      ...others.map((repository) => ({ ...good, repository })),
      { ...good, a: undefined },
      { ...good, a: {} },
      { ...good, a: { b: ['y'] } },
      { ...good, a: 'b' },
      { repository: 'org/app', 'a/b': 'y', '/a/b': 'y' },
      { ...good, repository: undefined, Repository: 'org/app' },
    ]
    for (const claims of bad) {
      const error = await refusalOf(world.logIn(world.sign(claims)))
      expect(error).toMatchObject({ code: 'invalid_credential', reason: 'claim_not_allowed' })
    }
  })

  test('JWT-028 a token with an id opens one login, however many present it at once', async () => {
    const world = await anIssuedWorld({ replay: 'jti' })
    const token = world.sign()
    const attempts = await Promise.allSettled(Array.from({ length: 200 }, () => world.logIn(token)))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    world.countersign.clock.advance(329)
    expect(await refusalOf(world.logIn(token))).toMatchObject({ reason: 'evidence_replayed' })
    world.countersign.clock.advance(1)
    expect(await refusalOf(world.logIn(token))).toMatchObject({ reason: 'token_expired' })
  })

  test('JWT-028 where an issuer writes no ids, what was signed is the id', async () => {
    const world = await anIssuedWorld({ replay: 'signature' })
    const token = world.sign({ jti: undefined })
    await world.logIn(token)
    expect(await refusalOf(world.logIn(token))).toMatchObject({ reason: 'evidence_replayed' })
    await expect(world.logIn(world.sign({ jti: undefined, more: 1 }))).resolves.toBeDefined()
  })

  test('JWT-028 nobody uses up what another tenant will present', async () => {
    const world = await anIssuedWorld({ replay: 'jti' })
    const { countersign, host, policy } = world
    await host.organizations.create({ id: 'other', name: 'Other' })
    const authMethod = { method: 'oidc', policy: { ...policy, replay: 'jti' } } as const
    const { identity } = await host.identities.create({
      organization: 'other',
      name: 'x',
      authMethod,
    })
    const token = world.sign()
    const request = { method: 'oidc', identity: identity.id, credential: { token } } as const
    await countersign.login(request, {})
    await expect(world.logIn(token)).resolves.toBeDefined()
    expect(await refusalOf(world.logIn(token))).toMatchObject({ reason: 'evidence_replayed' })
  })

  test('JWT-029 a token without an id is refused where ids are wanted', async () => {
    const world = await anIssuedWorld({ replay: 'jti' })
    const tokens = [undefined, '', 7, null].map((jti) => world.sign({ jti }))
    expect(unique(await reasonsOf(world, tokens))).toEqual(['no_token_id'])
  })

  test('JWT-030 a subject is looked up under its issuer, and so are keys', async () => {
    const world = await anIssuedWorld()
    const { now } = world.countersign.clock
    const second = closing(await fakeIssuer({ now, key: { ...world.issuer.key() } }))
    second.rotate(undefined, { drop: true })
    const other = await world.byOidc({ ...world.policy, issuer: second.url })
    await world.login(other, second.sign({ aud: AUDIENCE, sub: SUBJECT }))
    const forged = second.sign({ aud: AUDIENCE, sub: SUBJECT, iss: world.issuer.url })
    const foreign = [second.sign({ aud: AUDIENCE, sub: SUBJECT }), forged]
    expect(await reasonsOf(world, foreign)).toEqual(['wrong_issuer', 'unknown_key'])
  })

  test('JWT-031 tokens of another kind log nobody in, unless that kind is wanted', async () => {
    const world = await anIssuedWorld()
    const kinds = [
      'at+jwt',
      'logout+jwt',
      'dpop+jwt',
      'secevent+jwt',
      'application/at+jwt',
      '',
      7,
      null,
    ]
    const tokens = kinds
      .slice(0, 5)
      .concat(kinds.slice(6))
      .map((typ) => world.sign({}, { typ }))
    expect(unique(await reasonsOf(world, tokens))).toEqual(['type_not_allowed'])
    const wide = await world.byOidc({ ...world.policy, types: ['at+jwt'] })
    await expect(world.login(wide, world.sign({}, { typ: 'AT+JWT' }))).resolves.toBeDefined()
    expect(await refusalOf(world.login(wide, world.sign({}, { typ: 'dpop+jwt' })))).toBeDefined()
  })

  test('JWT-033 what a policy no longer trusts is refused at once', async () => {
    const world = await anIssuedWorld()
    const token = world.sign()
    await world.logIn(token)
    const key = { organization: 'acme', identity: world.identity, method: 'oidc' } as const
    await world.host.authMethods.update({ ...key, policy: { ...world.policy, subject: 'other' } })
    expect(await refusalOf(world.logIn(token))).toMatchObject({ reason: 'wrong_subject' })
  })

  test('JWT-022 an encrypted token is refused before anything is decrypted', async () => {
    const world = await anIssuedWorld()
    await world.logIn()
    const head = { alg: 'RSA-OAEP', enc: 'A256GCM', zip: 'DEF' }
    const encrypted = `${unsignedJwt(head, {}, 'AAAA')}.AAAA.AAAA`
    const tokens = [encrypted, world.sign({}, { zip: 'DEF' }), world.sign({}, { enc: 'A256GCM' })]
    expect(unique(await reasonsOf(world, tokens))).toEqual([
      'token_malformed',
      'header_not_allowed',
    ])
    expect(world.issuer.asked()).toHaveLength(2)
  })

  test('JWT-023 a token that is too long is no login, and one that nests too deep is refused', async () => {
    const world = await anIssuedWorld()
    const { key } = world.issuer
    const deep = (depth: number) =>
      signJwt(key(), { alg: 'ES256' }, `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`)
    for (const token of [`${'x'.repeat(5_000_000)}`, '.'.repeat(1_000_000), deep(100_000)]) {
      const error = await refusalOf(world.logIn(token))
      expect(error).toMatchObject({ code: 'invalid_request' })
      expect(error.message).toBe('token must be at most 8192 characters long')
    }
    expect(await reasonsOf(world, [deep(2900), '.'.repeat(8000), deep(16)])).toEqual(
      Array(3).fill('token_malformed'),
    )
  })
})
