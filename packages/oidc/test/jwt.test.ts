import { parseWith } from '@countersign/core/plugin'
import type { JwtPolicy } from '@countersign/oidc'
import { jwt } from '@countersign/oidc'
import { hostileCases } from '@countersign/testing/conformance'
import type { FakeKey } from '@countersign/testing/fakes'
import { fakeIssuer, fakeKey, signJwt, unsignedJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, aWorld, closing, refusalOf, SUBJECT } from './support/world.ts'

const ISSUER = 'https://issuer.example'
const base = { issuer: ISSUER, audiences: [AUDIENCE], subject: SUBJECT }
const pemOf = ({ publicKey }: FakeKey) =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString()

/** 2026-03-01T12:00:00Z */
const NOW = 1_772_366_400

function signWith(key: FakeKey, claims: object = {}, header: object = {}): string {
  const usual = {
    iss: ISSUER,
    aud: AUDIENCE,
    sub: SUBJECT,
    iat: NOW,
    exp: NOW + 300,
    jti: `${Math.random()}`,
  }
  return signJwt(key, { alg: key.algorithm, kid: key.kid, ...header }, { ...usual, ...claims })
}

async function aJwtWorld(policy: Partial<JwtPolicy>) {
  const world = await aWorld()
  const identity = await world.byJwt({ ...base, ...policy })
  return { ...world, identity, logIn: (token: string) => world.login(identity, token, 'jwt') }
}

describe('jwt()', () => {
  test.each(['RS256', 'ES256', 'EdDSA'] as const)(
    'believes a key of its policy (%s)',
    async (algorithm) => {
      const key = fakeKey(algorithm)
      const { logIn } = await aJwtWorld({ keys: [{ pem: pemOf(key), kid: key.kid }] })
      await expect(logIn(signWith(key))).resolves.toMatchObject({ tokenType: 'Bearer' })
      expect(await refusalOf(logIn(signWith(fakeKey(algorithm, { kid: key.kid }))))).toMatchObject({
        reason: 'bad_signature',
      })
    },
  )

  test('believes a key that its policy names by nothing, whatever name the token has for it', async () => {
    const [plain, named] = [fakeKey(), fakeKey()]
    const keys = [{ pem: pemOf(plain) }, { pem: pemOf(named), kid: named.kid }]
    const { logIn } = await aJwtWorld({ keys })
    await logIn(signWith(plain))
    await logIn(signWith(named))
    const swapped = signWith(plain, {}, { kid: named.kid })
    expect(await refusalOf(logIn(swapped))).toMatchObject({ reason: 'bad_signature' })
    const stranger = signWith(fakeKey(), {}, { kid: plain.kid })
    expect(await refusalOf(logIn(stranger))).toMatchObject({ reason: 'bad_signature' })
    const { logIn: among } = await aJwtWorld({
      keys: [plain, named].map((key) => ({ pem: pemOf(key) })),
    })
    expect(await refusalOf(among(signWith(plain)))).toMatchObject({ reason: 'ambiguous_key' })
  })

  test('believes a key until its end, and the next one beside it', async () => {
    const [old, next] = [fakeKey(), fakeKey()]
    const keys = [
      { jwk: old.jwk, notAfter: '2026-03-01T12:05:00Z' },
      { jwk: next.jwk, kid: 'next' },
    ]
    const { logIn, countersign } = await aJwtWorld({ keys })
    await logIn(signWith(old))
    await logIn(signWith(next, {}, { kid: 'next' }))
    countersign.clock.advance(300)
    const late = { iat: NOW + 300, exp: NOW + 600 }
    expect(await refusalOf(logIn(signWith(old, late)))).toMatchObject({ reason: 'key_expired' })
    await expect(logIn(signWith(next, late, { kid: 'next' }))).resolves.toBeDefined()
  })

  test('believes a key set of its policy, and one at a URL', async () => {
    const issuer = closing(await fakeIssuer())
    const key = issuer.key()
    for (const policy of [{ jwks: { keys: [key.jwk] } }, { jwksUrl: issuer.jwksUrl }]) {
      const { logIn } = await aJwtWorld(policy)
      await expect(logIn(signWith(key))).resolves.toBeDefined()
    }
    expect(issuer.asked()).toEqual(['GET /jwks'])
  })

  test('takes exactly one place of keys, and an issuer', async () => {
    const { jwk } = fakeKey()
    const { policy } = jwt()
    const bad = [
      base,
      { ...base, keys: [{ jwk }], jwks: { keys: [jwk] } },
      { ...base, keys: [{ jwk }], ca: 'x' },
      { ...base, issuer: undefined, keys: [{ jwk }] },
      { ...base, keys: [] },
      { ...base, jwks: {} },
    ]
    for (const trust of bad) expect(parseWith(policy, trust)).toHaveProperty('problem')
  })
})

describe('jwt() for SPIFFE', () => {
  const key = fakeKey('ES256')
  const bundle = { keys: [{ ...key.jwk, use: 'jwt-svid' }] }
  const trust: JwtPolicy = {
    profile: 'spiffe',
    trustDomain: 'prod.example',
    audiences: [AUDIENCE],
    subject: { glob: 'spiffe://prod.example/ns/*/sa/api' },
    jwks: bundle,
  }
  const svid = (claims: object) =>
    signJwt(
      key,
      { alg: 'ES256', kid: key.kid, typ: 'JOSE' },
      { aud: AUDIENCE, exp: NOW + 300, ...claims },
    )

  test('lets in the workloads of its trust domain, without an issuer and without a date', async () => {
    const { byJwt, login } = await aWorld()
    const identity = await byJwt(trust)
    await expect(
      login(identity, svid({ sub: 'spiffe://prod.example/ns/a/sa/api' }), 'jwt'),
    ).resolves.toBeDefined()
    for (const sub of [
      'spiffe://prod.example/ns/a/sa/other',
      'spiffe://evil.example/ns/a/sa/api',
      'spiffe://prod.example/ns/../sa/api',
      'spiffe://prod.example/ns/a/sa/api/',
    ])
      expect(await refusalOf(login(identity, svid({ sub }), 'jwt'))).toMatchObject({
        reason: 'wrong_subject',
      })
  })

  test('takes a trust domain, and more than that of its workloads', () => {
    const { policy } = jwt()
    for (const bad of [
      { ...trust, trustDomain: undefined },
      { ...trust, subject: { glob: 'spiffe://prod.example**' } },
      { ...trust, trustDomain: 'Prod' },
      { ...trust, profile: undefined, issuer: ISSUER },
    ])
      expect(parseWith(policy, bad)).toHaveProperty('problem')
  })
})

describe('jwt(): somebody hostile', () => {
  const key = fakeKey()
  for (const { name, run } of hostileCases)
    test(name, async () => {
      const issuer = closing(await fakeIssuer({ key }))
      const world = await aJwtWorld({ replay: 'signature', jwksUrl: issuer.jwksUrl })
      const { logIn } = world
      const sign = (claims: object = {}) => signWith(key, claims)
      const [header = '', payload = ''] = sign().split('.')
      await run({
        honest: () => logIn(sign()),
        events: world.events,
        hostile: {
          unsigned: () => logIn(`${header}.${payload}.`),
          none: () => logIn(unsignedJwt({ alg: 'none' }, { sub: SUBJECT }, 'AAAA')),
          wrong_key: () => logIn(signWith(fakeKey('ES256', { kid: key.kid }))),
          wrong_audience: () => logIn(sign({ aud: 'https://other.example' })),
          other_issuer: () => logIn(sign({ iss: 'https://other.example' })),
          expired: () => logIn(sign({ iat: NOW - 600, exp: NOW - 30 })),
          not_yet_valid: () => logIn(sign({ nbf: NOW + 31 })),
          replayed: async () => {
            const token = sign()
            await logIn(token)
            return logIn(token)
          },
          oversized: () => logIn(sign({ padding: 'x'.repeat(5_000_000) })),
          malformed: () => logIn('a.b'),
          issuer_down: async () => {
            await issuer.close()
            return logIn(sign())
          },
        },
      })
    })
})
