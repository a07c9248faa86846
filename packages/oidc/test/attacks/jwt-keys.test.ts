import { fakeIssuer, fakeKey, signHmac, signJwt, unsignedJwt } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AUDIENCE, anIssuedWorld, closing, refusalOf, SUBJECT } from '../support/world.ts'

const rsa = fakeKey('RS256')

/** A world whose issuer signs by RS256, and whose policy wants nothing else. */
function anRsaWorld() {
  return anIssuedWorld({ algorithms: ['RS256'] }, { key: rsa })
}

function claimsOf(token: string): object {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
}

describe('the keys behind a foreign token', () => {
  test('JWT-009 an algorithm that is not in the list is refused, whatever it is', async () => {
    const { logIn, sign, issuer } = await anRsaWorld()
    await logIn()
    const claims = claimsOf(sign())
    const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const jwk = JSON.stringify(rsa.jwk)
    const tokens = [
      unsignedJwt({ alg: 'none' }, claims, 'AAAA'),
      unsignedJwt({ alg: 'NONE', kid: rsa.kid }, claims, 'AAAA'),
      signHmac(pem, { alg: 'HS256', kid: rsa.kid }, claims),
      signHmac(jwk, { alg: 'HS256', kid: rsa.kid }, claims),
      signJwt({ ...rsa, algorithm: 'PS256' }, { alg: 'PS256', kid: rsa.kid }, claims),
      signJwt(rsa, { alg: ['RS256'], kid: rsa.kid }, claims),
      signJwt(rsa, { kid: rsa.kid }, claims),
    ]
    for (const token of tokens)
      expect(await refusalOf(logIn(token))).toMatchObject({ reason: 'algorithm_not_allowed' })
    expect(issuer.asked()).toHaveLength(2)
  })

  test('JWT-010 a key without an algorithm lets no header widen the list', async () => {
    const { logIn, sign, issuer } = await anRsaWorld()
    const { alg: _alg, ...jwk } = rsa.jwk
    issuer.publish({ ...jwk, kid: 'plain' })
    const claims = claimsOf(sign())
    await logIn(signJwt(rsa, { alg: 'RS256', kid: 'plain' }, claims))
    const tokens = [
      signJwt({ ...rsa, algorithm: 'PS512' }, { alg: 'PS512', kid: 'plain' }, claims),
      signJwt(rsa, { alg: 'RS1', kid: 'plain' }, claims),
      signHmac(JSON.stringify(jwk), { alg: 'HS256', kid: 'plain' }, claims),
    ]
    for (const token of tokens)
      expect(await refusalOf(logIn(token))).toMatchObject({ reason: 'algorithm_not_allowed' })
  })

  test('JWT-011 a key that is for something else checks no signature', async () => {
    const { logIn, sign, issuer } = await anRsaWorld()
    issuer.publish(
      { ...rsa.jwk, kid: 'enc', use: 'enc' },
      { ...rsa.jwk, kid: 'ops', key_ops: ['encrypt'] },
    )
    for (const kid of ['enc', 'ops']) {
      const error = await refusalOf(logIn(signJwt(rsa, { alg: 'RS256', kid }, claimsOf(sign()))))
      expect(error).toMatchObject({ reason: 'unknown_key' })
    }
  })

  test('JWT-012 a shared secret in a key set is left aside', async () => {
    const { byOidc, login, logIn, sign, issuer, policy } = await anRsaWorld()
    issuer.publish({
      kty: 'oct',
      kid: 'oct',
      alg: 'RS256',
      k: Buffer.from('secret').toString('base64url'),
    })
    const claims = claimsOf(sign())
    expect(
      await refusalOf(logIn(signHmac('secret', { alg: 'HS256', kid: 'oct' }, claims))),
    ).toMatchObject({
      reason: 'algorithm_not_allowed',
    })
    expect(
      await refusalOf(logIn(signHmac('secret', { alg: 'RS256', kid: 'oct' }, claims))),
    ).toMatchObject({
      reason: 'unknown_key',
    })
    const wanted = byOidc({ ...policy, algorithms: ['HS256' as 'RS256'] })
    expect(await refusalOf(wanted)).toMatchObject({ code: 'invalid_request' })
    expect(login).toBeDefined()
  })

  test('JWT-013 a weak key checks no signature', async () => {
    const { logIn, sign, issuer } = await anRsaWorld()
    const weak = fakeKey('RS256', { kid: 'weak', bits: 1024 })
    issuer.publish(
      weak.jwk,
      { ...rsa.jwk, kid: 'one', e: 'AQ' },
      { ...rsa.jwk, kid: 'even', e: 'AQAA' },
    )
    for (const kid of ['weak', 'one', 'even']) {
      const token = signJwt(weak, { alg: 'RS256', kid }, claimsOf(sign()))
      expect(await refusalOf(logIn(token))).toMatchObject({ reason: 'unknown_key' })
    }
  })

  test('JWT-014 signatures of zeros and in another form are refused, and a mirrored one opens no second login', async () => {
    const { logIn, sign } = await anIssuedWorld({ replay: 'signature' })
    const token = sign()
    const at = token.lastIndexOf('.') + 1
    const raw = Buffer.from(token.slice(at), 'base64url')
    const withSignature = (bytes: Uint8Array) =>
      token.slice(0, at) + Buffer.from(bytes).toString('base64url')
    const der = Buffer.concat([
      Buffer.from([0x30, 68, 2, 32]),
      raw.subarray(0, 32),
      Buffer.from([2, 32]),
      raw.subarray(32),
    ])
    for (const bytes of [Buffer.alloc(64), der, Buffer.alloc(64, 0xff), raw.subarray(1)])
      expect(await refusalOf(logIn(withSignature(bytes)))).toMatchObject({
        reason: 'bad_signature',
      })
    await logIn(token)
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const mirrored = order - BigInt(`0x${raw.subarray(32).toString('hex')}`)
    const other = Buffer.concat([
      raw.subarray(0, 32),
      Buffer.from(mirrored.toString(16).padStart(64, '0'), 'hex'),
    ])
    expect(await refusalOf(logIn(withSignature(other)))).toMatchObject({
      reason: 'evidence_replayed',
    })
  })

  test('JWT-015 without a kid one key must fit; none are tried in turn', async () => {
    const { logIn, sign, issuer, byOidc, policy, login } = await anIssuedWorld()
    await expect(logIn(sign({}, { kid: undefined }))).resolves.toBeDefined()
    const second = closing(
      await fakeIssuer({ now: () => new Date('2026-03-01T12:00:00Z'), key: issuer.key() }),
    )
    second.rotate()
    const identity = await byOidc({ ...policy, issuer: second.url })
    const unnamed = second.sign({ aud: AUDIENCE, sub: SUBJECT }, { kid: undefined })
    expect(await refusalOf(login(identity, unnamed))).toMatchObject({ reason: 'ambiguous_key' })
    for (const kid of ['', 7, null, 'x'.repeat(300), ['a']])
      expect(await refusalOf(logIn(sign({}, { kid })))).toMatchObject({ reason: 'token_malformed' })
  })

  test('JWT-016 a flood of unknown keys asks the issuer once per cool-down', async () => {
    const { logIn, sign, issuer, countersign, events } = await anIssuedWorld()
    for (let second = 0; second < 10; second += 1) {
      const attempts = Array.from({ length: 100 }, (_, index) =>
        logIn(sign({}, { kid: `k${second}-${index}` })),
      )
      const outcomes = await Promise.allSettled(attempts)
      expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
      await logIn()
      countersign.clock.advance(1)
    }
    expect(issuer.asked()).toHaveLength(2)
    const refused = (await events()).filter(({ type }) => type === 'login.refused')
    expect(refused.length).toBeLessThan(200)
  })

  test('JWT-017 a new key is accepted within 30 seconds, whoever floods', async () => {
    const { logIn, sign, issuer, countersign } = await anIssuedWorld()
    await logIn()
    countersign.clock.advance(30)
    await refusalOf(logIn(sign({}, { kid: 'attacker' })))
    issuer.rotate()
    expect(await refusalOf(logIn())).toMatchObject({ reason: 'unknown_key' })
    countersign.clock.advance(29)
    await refusalOf(logIn(sign({}, { kid: 'attacker too' })))
    countersign.clock.advance(1)
    await expect(logIn()).resolves.toBeDefined()
  })

  test('JWT-017 an attacker at one issuer delays nobody at another', async () => {
    const { logIn, countersign, byOidc, login, policy } = await anIssuedWorld()
    const other = closing(await fakeIssuer({ now: countersign.clock.now }))
    const identity = await byOidc({ ...policy, issuer: other.url })
    const sign = (header: object = {}) => other.sign({ aud: AUDIENCE, sub: SUBJECT }, header)
    await login(identity, sign())
    await logIn()
    countersign.clock.advance(30)
    other.rotate()
    await expect(login(identity, sign())).resolves.toBeDefined()
  })

  test.each([
    ['answers 500', { status: 500, body: '{}' } as const],
    ['hangs', 'hang' as const],
  ])(
    'JWT-018 an issuer that %s makes logins unavailable at once, and counts against nobody',
    async (_how, answer) => {
      const { sign, issuer, byOidc, policy, countersign, host } = await anIssuedWorld()
      const { identity } = await host.identities.create({
        organization: 'acme',
        name: 'guarded',
        authMethod: { method: 'oidc', policy },
      })
      issuer.answer('*', answer)
      const request = () => ({
        method: 'oidc' as const,
        identity: identity.id,
        credential: { token: sign() },
      })
      const attempts = Array.from({ length: 1000 }, () =>
        refusalOf(countersign.login(request(), { address: '::1' })),
      )
      const codes = new Set((await Promise.all(attempts)).map(({ code }) => code))
      expect([...codes]).toEqual(['unavailable'])
      expect(issuer.asked()).toHaveLength(1)
      expect(await host.lockouts.list({ organization: 'acme' })).toEqual([])
      expect(byOidc).toBeDefined()
    },
  )

  test('JWT-018 known keys count on while the issuer is down', async () => {
    const { logIn, issuer, countersign } = await anIssuedWorld()
    await logIn()
    await issuer.close()
    countersign.clock.advance(3600)
    for (let count = 0; count < 20; count += 1) await expect(logIn()).resolves.toBeDefined()
  })

  test('JWT-034 every refusal has the same face', async () => {
    const { logIn, sign, login, issuer } = await anIssuedWorld()
    const tokens = [
      sign({ iss: 'x' }),
      sign({ aud: 'x' }),
      sign({ sub: 'x' }),
      sign({ exp: 0 }),
      sign({}, { kid: 'x' }),
      'a.b.c',
    ]
    const errors = await Promise.all(
      [...tokens.map(logIn), login('idn_unknown', sign())].map(refusalOf),
    )
    const faces = errors.map((error) => JSON.stringify([{ ...error }, error.message, error.cause]))
    expect(new Set(faces).size).toBe(1)
    expect(faces[0]).not.toContain(issuer.url)
  })
})
