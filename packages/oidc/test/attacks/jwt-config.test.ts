import { generateKeyPairSync } from 'node:crypto'
import type { JwtPolicy, OidcPolicy } from '@countersign/oidc'
import { fakeAuthority, fakeKey } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, anIssuedWorld, aWorld, refusalOf, SUBJECT } from '../support/world.ts'

const ISSUER = 'https://issuer.example'
const good: OidcPolicy = { issuer: ISSUER, audiences: [AUDIENCE], subject: SUBJECT }

async function problemOf(policy: object): Promise<string> {
  const error = await refusalOf((await aWorld()).byOidc(policy as OidcPolicy))
  expect(error.code).toBe('invalid_request')
  return error.message
}

const ELSEWHERE = [
  'http://127.0.0.2:6379/',
  'file:///etc/passwd',
  'https://10.0.0.1/',
  'http://evil.example/',
  7,
]

describe('the policy of an auth method', () => {
  test('JWT-003 names an audience', async () => {
    const { audiences: _none, ...without } = good
    expect(await problemOf(without)).toBe('audiences is required')
    expect(await problemOf({ ...good, audiences: [] })).toBe('audiences must not be empty')
    expect(await problemOf({ ...good, audiences: [''] })).toBe('audiences[0] must not be empty')
  })

  test('JWT-004 binds somebody, or says that it does not', async () => {
    const { subject: _nobody, ...unbound } = good
    const problem = 'The input must bind the subject or a claim, or say anySubject: true'
    expect(await problemOf(unbound)).toBe(problem)
    expect(await problemOf({ ...unbound, claims: {} })).toBe(problem)
    expect(await problemOf({ ...unbound, subject: { glob: '**' } })).toBe(problem)
    expect(await problemOf({ ...unbound, claims: { a: { not: 'b' } } })).toBe(problem)
    const { byOidc } = await aWorld()
    await expect(byOidc({ ...unbound, anySubject: true })).resolves.toMatch(/^idn_/)
  })

  test('JWT-027 knows no negation', async () => {
    expect(await problemOf({ ...good, subject: '!prod' })).toMatch(/there is no negation$/)
    expect(await problemOf({ ...good, subject: { glob: '!prod' } })).toMatch(
      /there is no negation$/,
    )
    expect(await problemOf({ ...good, subjectGlob: '!prod' })).toMatch(/there is no negation$/)
    expect(await problemOf({ ...good, claims: { ref: { glob: '!prod' } } })).toMatch(
      /there is no negation$/,
    )
  })

  test('JWT-019 a discovery document of another issuer is no answer', async () => {
    const { logIn, issuer } = await anIssuedWorld()
    const body = JSON.stringify({ issuer: `${issuer.url}/`, jwks_uri: issuer.jwksUrl })
    issuer.answer('/.well-known/openid-configuration', { status: 200, body })
    // What an issuer got wrong is no fault of the workload's (rules of the house, 9).
    expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable' })
    expect(issuer.asked()).toHaveLength(1)
  })

  test.each(ELSEWHERE)('JWT-020 keys at %s are not fetched', async (jwksUri) => {
    const { logIn, issuer } = await anIssuedWorld()
    const body = JSON.stringify({ issuer: issuer.url, jwks_uri: jwksUri })
    issuer.answer('/.well-known/openid-configuration', { status: 200, body })
    expect(await refusalOf(logIn())).toMatchObject({ code: 'unavailable' })
  })
})

describe('the keys of a policy', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const base: Omit<JwtPolicy, 'keys'> = { issuer: ISSUER, audiences: [AUDIENCE], subject: SUBJECT }
  const jwk = publicKey.export({ format: 'jwk' })
  const weak = fakeKey('RS256', { bits: 1024 })

  test.each([
    ['a private key', { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }],
    ['an old private key', { pem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString() }],
    ['text before it', { pem: `key:\n${pem}` }],
    ['a second key behind it', { pem: pem + pem }],
    ['a JWK in the place of PEM', { pem: JSON.stringify(jwk) }],
    ['a certificate', { pem: fakeAuthority().ca }],
    ['a shared secret', { pem: 'correct horse battery staple' }],
    ['a weak key', { pem: weak.publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
    ['a private JWK', { jwk: privateKey.export({ format: 'jwk' }) }],
    ['a symmetric JWK', { jwk: { kty: 'oct', k: 'c2VjcmV0' } }],
    ['a JWK of no kind', { jwk: { kty: 'RSA' } }],
    ['a JWK for encryption', { jwk: { ...jwk, use: 'enc' } }],
    ['an end that is no instant', { pem, notAfter: 'tomorrow' }],
    ['both', { pem, jwk }],
  ])('JWT-032 %s is refused, and not repeated', async (_what, key) => {
    const { byJwt } = await aWorld()
    for (const policy of [
      { ...base, keys: [key] },
      { ...base, jwks: { keys: ['jwk' in key ? key.jwk : key] } },
    ]) {
      if ('jwks' in policy && ('notAfter' in key || 'pem' in key === 'jwk' in key)) continue
      const error = await refusalOf(byJwt(policy as JwtPolicy))
      expect(error.code).toBe('invalid_request')
      const words = JSON.stringify(key).match(/[A-Za-z0-9+/_-]{16,}/g) ?? []
      expect(words.filter((word) => `${error.message}${error.cause}`.includes(word))).toEqual([])
    }
  })

  test('JWT-032 a public key is accepted', async () => {
    const { byJwt } = await aWorld()
    await expect(byJwt({ ...base, keys: [{ pem }] })).resolves.toMatch(/^idn_/)
    await expect(byJwt({ ...base, jwks: { keys: [{ ...jwk, kid: 'a' }] } })).resolves.toMatch(
      /^idn_/,
    )
  })
})
