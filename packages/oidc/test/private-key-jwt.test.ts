import { generateKeyPairSync } from 'node:crypto'
import { privateKeyJwt } from '@countersign/oidc'
import { hostileCases } from '@countersign/testing/conformance'
import type { FakeKey } from '@countersign/testing/fakes'
import { fakeIssuer, fakeKey, signJwt, unsignedJwt } from '@countersign/testing/fakes'
import { importPKCS8, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, aWorld, closing, refusalOf } from './support/world.ts'

/** 2026-03-01T12:00:00Z */
const NOW = 1_772_366_400
let made = 0

function assertionOf(key: FakeKey, identity: string, claims: object = {}): string {
  made += 1
  const usual = {
    iss: identity,
    sub: identity,
    aud: AUDIENCE,
    iat: NOW,
    exp: NOW + 60,
    jti: `assertion ${made}`,
  }
  return signJwt(key, { alg: key.algorithm, kid: key.kid }, { ...usual, ...claims })
}

async function aKeyWorld(key: FakeKey = fakeKey()) {
  const world = await aWorld()
  const identity = await world.byKey({ keys: [{ jwk: key.jwk }] })
  const say = (claims: object = {}) => assertionOf(key, identity, claims)
  return {
    ...world,
    identity,
    say,
    logIn: (assertion: string = say()) => world.assert(identity, assertion),
  }
}

describe('privateKeyJwt()', () => {
  test('lets in whoever holds the key of the identity', async () => {
    const { logIn, say, identity } = await aKeyWorld()
    await expect(logIn()).resolves.toMatchObject({ identity })
    await expect(
      logIn(say({ aud: `${AUDIENCE}/oauth/token`, exp: NOW + 3600 })),
    ).resolves.toBeDefined()
    await expect(logIn(say({ iat: undefined }))).resolves.toBeDefined()
  })

  test.each([
    ['of another identity', { iss: 'idn_other', sub: 'idn_other' }, 'wrong_issuer'],
    ['about another identity', { sub: 'idn_other' }, 'wrong_subject'],
    ['for somebody else as well', { aud: [AUDIENCE, 'https://other.example'] }, 'wrong_audience'],
    ['that lives too long', { exp: NOW + 3601 }, 'lifetime_too_long'],
    ['without an id', { jti: undefined }, 'no_token_id'],
  ])('refuses an assertion %s', async (_what, claims, reason) => {
    const { logIn, say } = await aKeyWorld()
    expect(await refusalOf(logIn(say(claims)))).toMatchObject({
      code: 'invalid_credential',
      reason,
    })
  })

  test('lets one assertion open one login, and two identities have ids of the same name', async () => {
    const { logIn, say, byKey, assert } = await aKeyWorld()
    const once = say({ jti: 'one' })
    await logIn(once)
    expect(await refusalOf(logIn(once))).toMatchObject({ reason: 'evidence_replayed' })
    const key = fakeKey()
    const other = await byKey({ keys: [{ jwk: key.jwk }] })
    await expect(assert(other, assertionOf(key, other, { jti: 'one' }))).resolves.toBeDefined()
  })

  test('reads what another library signs', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const { byKey, assert } = await aWorld()
    const identity = await byKey({
      keys: [{ pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
    })
    const key = await importPKCS8(
      privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'EdDSA',
    )
    const assertion = await new SignJWT({ jti: 'a' })
      .setProtectedHeader({ alg: 'EdDSA' })
      .setIssuer(identity)
      .setSubject(identity)
      .setAudience(AUDIENCE)
      .setExpirationTime(NOW + 60)
      .sign(key)
    await expect(assert(identity, assertion)).resolves.toMatchObject({ identity })
  })

  test('takes audiences, or is not made', () => {
    expect(() => privateKeyJwt({ audiences: [] })).toThrow(TypeError)
  })
})

describe('privateKeyJwt(): somebody hostile', () => {
  const key = fakeKey()
  for (const { name, run } of hostileCases)
    test(name, async () => {
      const world = await aWorld()
      const keys = closing(await fakeIssuer({ key }))
      const identity = await world.byKey({ jwksUrl: keys.jwksUrl })
      const logIn = (assertion: string) => world.assert(identity, assertion)
      const say = (claims: object = {}) => assertionOf(key, identity, claims)
      const [header = '', payload = ''] = say().split('.')
      await run({
        honest: () => logIn(say()),
        events: world.events,
        hostile: {
          unsigned: () => logIn(`${header}.${payload}.`),
          none: () => logIn(unsignedJwt({ alg: 'none' }, { sub: identity }, 'AAAA')),
          wrong_key: () => logIn(assertionOf(fakeKey('ES256', { kid: key.kid }), identity)),
          wrong_audience: () => logIn(say({ aud: 'https://other.example' })),
          other_issuer: () => logIn(say({ iss: 'idn_other' })),
          expired: () => logIn(say({ iat: NOW - 600, exp: NOW - 30 })),
          not_yet_valid: () => logIn(say({ nbf: NOW + 31 })),
          replayed: async () => {
            const assertion = say()
            await logIn(assertion)
            return logIn(assertion)
          },
          oversized: () => logIn(say({ padding: 'x'.repeat(5_000_000) })),
          malformed: () => logIn('a.b.c.d'),
          issuer_down: async () => {
            await keys.close()
            return logIn(say())
          },
        },
      })
    })
})
