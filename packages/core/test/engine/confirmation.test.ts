import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { TokenPolicyInput } from '../../src/input/auth-method.ts'
import { unsafeClientCertificate } from '../../src/model/client-certificate.ts'
import type { Source } from '../../src/model/source.ts'
import type { ProofGiven, Prover } from '../support/proof.ts'
import { aProver, URL_SENT } from '../support/proof.ts'
import { refusalOf } from '../support/refusal.ts'
import { readToken } from '../support/token.ts'
import type { Workload } from '../support/workload.ts'
import { aWorkload, HOME } from '../support/workload.ts'

const fromHome = (source: Partial<Source>): Source => ({ ...HOME, ...source })

/** A workload that logged in with a proof, and what it shows from then on. */
async function bound(prover: Prover = aProver(), tokenPolicy: TokenPolicyInput = {}) {
  const workload = await aWorkload({ tokenPolicy: { ttl: 600, maxTtl: 36_000, ...tokenPolicy } })
  const { clock, login, countersign, canaries } = workload
  const grant = await login(fromHome({ proof: prover.proof(clock.now()) }))
  const { accessToken } = grant
  const source = (given: ProofGiven = {}, by = prover): Source =>
    fromHome({ proof: by.proof(clock.now(), { token: accessToken, ...given }) })
  const authenticate = (from: Source) => countersign.authenticate(accessToken, from)
  return {
    ...workload,
    prover,
    grant,
    accessToken,
    source,
    authenticate,
    denied: (from: Source) => refusalOf(workload, () => authenticate(from)),
    async renew(from: Source) {
      const renewed = await countersign.renew(accessToken, from)
      canaries.add(renewed.accessToken)
      return renewed
    },
  }
}

describe('a token that was granted to whoever showed a proof', () => {
  test.each(['ES256', 'EdDSA', 'RS256'] as const)(
    'is bound to its key, and opens with another proof by %s',
    async (algorithm) => {
      const { grant, accessToken, prover, authenticate, source, identity } = await bound(
        aProver(algorithm),
      )
      expect(grant.tokenType).toBe('DPoP')
      expect(readToken(accessToken).claims).toMatchObject({ cnf: { jkt: prover.jkt } })
      expect(await authenticate(source())).toMatchObject({ identity: identity.id })
      expect(await authenticate(source())).toMatchObject({ identity: identity.id })
    },
  )

  test('is nothing to whoever stole it and shows it as a bearer', async () => {
    const { denied } = await bound()
    expect(await denied(HOME)).toMatchObject({ code: 'invalid_token', reason: 'proof_missing' })
  })

  test('is nothing to whoever stole it and has a key of its own', async () => {
    const { denied, source } = await bound()
    expect(await denied(source({}, aProver()))).toMatchObject({ reason: 'wrong_key' })
  })

  const flaws: readonly (readonly [string, string, ProofGiven])[] = [
    ['another method', 'proof_mismatch', { claims: { htm: 'POST' } }],
    ['a method in another case', 'proof_mismatch', { claims: { htm: 'get' } }],
    ['another path', 'proof_mismatch', { claims: { htu: `${URL_SENT}/x` } }],
    ['another host', 'proof_mismatch', { claims: { htu: 'https://evil.example/secrets' } }],
    ['another scheme', 'proof_mismatch', { claims: { htu: 'http://id.example.com/secrets' } }],
    ['another port', 'proof_mismatch', { claims: { htu: 'https://id.example.com:8443/secrets' } }],
    ['no URL', 'proof_mismatch', { claims: { htu: 'secrets' } }],
    ['no token', 'proof_mismatch', { claims: { ath: undefined } }],
    ['another token', 'proof_mismatch', { claims: { ath: 'A'.repeat(43) } }],
    ['no id', 'proof_malformed', { claims: { jti: undefined } }],
    ['an empty id', 'proof_malformed', { claims: { jti: '' } }],
    ['no instant', 'proof_malformed', { claims: { iat: undefined } }],
    ['an instant that is a text', 'proof_malformed', { claims: { iat: '1' } }],
    ['another type', 'proof_malformed', { header: { typ: 'JWT' } }],
    ['no type', 'proof_malformed', { header: { typ: undefined } }],
    ['no key', 'proof_malformed', { header: { jwk: undefined } }],
    ['what must be understood', 'proof_malformed', { header: { crit: ['exp'] } }],
    ['no algorithm', 'proof_malformed', { header: { alg: 'none' } }],
    ['a symmetric algorithm', 'proof_malformed', { header: { alg: 'HS256' } }],
    ['the algorithm of another key', 'proof_forged', { header: { alg: 'EdDSA' } }],
  ]

  test.each(flaws)('is refused with a proof for %s', async (_what, reason, flaw) => {
    const { denied, source, authenticate } = await bound()
    expect(await denied(source(flaw))).toMatchObject({ code: 'invalid_token', reason })
    await authenticate(source())
  })

  test.each([
    ['a private key', (jwk: Prover['jwk']) => ({ ...jwk, d: 'AQ' })],
    ['a symmetric key', () => ({ kty: 'oct', k: 'A'.repeat(43) })],
    ['an RSA key that takes long', () => ({ kty: 'RSA', e: 'AQAB', n: 'A'.repeat(2000) })],
    ['an RSA key with an exponent of its own', () => ({ kty: 'RSA', e: 'Aw', n: 'A'.repeat(342) })],
    ['a list', () => []],
  ])('is refused with a proof that shows %s', async (_what, jwkOf) => {
    const { denied, source, prover } = await bound()
    const flawed = source({ header: { jwk: jwkOf(prover.jwk) } })
    expect(await denied(flawed)).toMatchObject({ reason: 'proof_malformed' })
  })

  test('is refused with a proof that another key signed, or nobody', async () => {
    const { denied, source, prover } = await bound()
    const lent = source({ header: { jwk: prover.jwk } }, aProver())
    expect(await denied(lent)).toMatchObject({ reason: 'proof_forged' })
    const proof = source().proof ?? { dpop: '', method: '', url: '' }
    for (const dpop of ['', 'x', 'a.b.c', `${proof.dpop}, ${proof.dpop}`])
      expect(await denied(fromHome({ proof: { ...proof, dpop } }))).toMatchObject({
        reason: 'proof_malformed',
      })
  })

  test('takes each proof once, until it is too old anyway', async () => {
    const { denied, source, authenticate, clock } = await bound()
    const shown = source()
    await authenticate(shown)
    expect(await denied(shown)).toMatchObject({ reason: 'proof_replayed' })
    clock.advance(59.999)
    expect(await denied(shown)).toMatchObject({ reason: 'proof_replayed' })
    clock.advance(0.001)
    expect(await denied(shown)).toMatchObject({ reason: 'proof_stale' })
  })

  test('takes one of many proofs that are alike and come at once', async () => {
    const { source, authenticate } = await bound()
    const shown = source()
    const answers = await Promise.allSettled([1, 2, 3, 4].map(() => authenticate(shown)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('takes the same id from another key', async () => {
    const engine = await bound()
    const other = await bound()
    const claims = { jti: 'one' }
    await engine.authenticate(engine.source({ claims }))
    await other.authenticate(other.source({ claims }))
  })

  test('takes proofs of the last minute, and of the next half', async () => {
    const { source, authenticate, denied, clock } = await bound()
    const iat = Math.floor(clock.now().getTime() / 1000)
    await authenticate(source({ claims: { iat: iat - 59 } }))
    await authenticate(source({ claims: { iat: iat + 30 } }))
    for (const wrong of [iat - 60, iat + 31, -1, 1e300])
      expect(await denied(source({ claims: { iat: wrong } }))).toMatchObject({
        reason: 'proof_stale',
      })
  })

  test.each([
    'https://ID.example.com/secrets',
    'https://id.example.com:443/secrets',
    'https://id.example.com/secrets?a=b#c',
    'https://id.example.com/%73ecrets',
    'https://id.example.com/x/../secrets',
  ])('takes %s for the URL that was asked for', async (htu) => {
    const { source, authenticate } = await bound()
    await authenticate(source({ claims: { htu } }))
  })

  test('spends no use for a proof that is refused', async () => {
    const { source, authenticate, denied } = await bound(aProver(), { maxUses: 1 })
    await denied(HOME)
    await denied(source({ claims: { htm: 'POST' } }))
    await authenticate(source())
    expect(await denied(source())).toMatchObject({ reason: 'token_exhausted' })
  })

  test('is told of by introspection, with what it is bound to', async () => {
    const { countersign, accessToken, prover } = await bound()
    const told = await countersign.introspect(accessToken)
    expect(told).toMatchObject({ active: true, token_type: 'DPoP', cnf: { jkt: prover.jkt } })
  })

  test('keeps its key when it is renewed or exchanged, by a proof of that key alone', async () => {
    const { countersign, accessToken, source, renew, prover } = await bound()
    const renewed = await renew(source())
    const exchanged = await countersign.exchange(accessToken, source())
    for (const { accessToken: token } of [renewed, exchanged])
      expect(readToken(token).claims).toMatchObject({ cnf: { jkt: prover.jkt } })
  })

  test.each([
    ['none', 'proof_missing', () => ({})],
    ['that of another key', 'wrong_key', () => ({ proof: aProver() })],
  ])('is not renewed with a proof that is %s', async (_what, reason, show) => {
    const { renew, source, clock, ...workload } = await bound()
    const { proof } = show() as { proof?: Prover }
    const from = proof ? source({}, proof) : HOME
    const error = await refusalOf({ ...workload, clock }, () => renew(from))
    expect(error).toMatchObject({ code: 'invalid_token', reason })
  })
})

describe('a token that is bound to nothing', () => {
  test('is refused with a proof beside it, which protects nothing, and so is a static token', async () => {
    const workload = await aWorkload()
    const { login, clock, countersign, host, key } = workload
    const { accessToken } = await login()
    const beside = (token: string) => fromHome({ proof: aProver().proof(clock.now(), { token }) })
    const bearer = () => countersign.authenticate(accessToken, beside(accessToken))
    expect(await refusalOf(workload, bearer)).toMatchObject({ reason: 'not_bound' })
    await host.authMethods.attach({ ...key, method: 'token' })
    const { staticToken } = await host.staticTokens.create({ ...key, name: 't' })
    workload.canaries.add(staticToken)
    const fixed = () => countersign.authenticate(staticToken, beside(staticToken))
    expect(await refusalOf(workload, fixed, 'reported')).toMatchObject({ reason: 'not_bound' })
  })

  test('is bound from its renewal on to the key that is shown there', async () => {
    const { login, clock, countersign, canaries } = await aWorkload({
      tokenPolicy: { ttl: 60, maxTtl: 600 },
    })
    const prover = aProver()
    const proof = prover.proof(clock.now())
    const { accessToken } = await countersign.renew(
      (await login()).accessToken,
      fromHome({ proof }),
    )
    canaries.add(accessToken)
    expect(readToken(accessToken).claims).toMatchObject({ cnf: { jkt: prover.jkt } })
  })
})

describe('login()', () => {
  test('refuses a proof that is wrong before it looks at anything else, and says so', async () => {
    const { login, clock } = await aWorkload()
    const proof = aProver().proof(clock.now(), { claims: { htm: 'POST' } })
    const answer = { code: 'invalid_request', reason: 'invalid_dpop_proof' }
    await expect(login(fromHome({ proof }))).rejects.toMatchObject(answer)
    await expect(login(fromHome({ proof }), 'x')).rejects.toMatchObject(answer)
  })

  test('takes a proof once', async () => {
    const { login, clock, refused, secret } = await aWorkload()
    const proof = aProver().proof(clock.now())
    await login(fromHome({ proof }))
    const error = await refused(fromHome({ proof }), secret.clientSecret)
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'evidence_replayed' })
  })

  test('takes a proof once that a request has shown', async () => {
    const { accessToken, source, authenticate, refused, secret } = await bound()
    expect(accessToken).not.toBe('')
    const shown = source()
    await authenticate(shown)
    const error = await refused(shown, secret.clientSecret)
    expect(error).toMatchObject({ reason: 'evidence_replayed' })
  })

  test('wants a proof where the token policy does, and at each renewal from then on', async () => {
    const { login, refused, secret, clock, host, key, countersign, ...rest } = await aWorkload()
    const { accessToken } = await login()
    const tokenPolicy = { boundTo: 'dpop' } as const
    const method = { ...key, method: 'universal' } as const
    await host.authMethods.update({ ...method, tokenPolicy })
    expect(await refused(HOME, secret.clientSecret)).toMatchObject({ reason: 'proof_missing' })
    const renew = () => countersign.renew(accessToken, HOME)
    const workload = { ...rest, clock, countersign } as unknown as Workload
    expect(await refusalOf(workload, renew)).toMatchObject({ reason: 'proof_missing' })
    await login(fromHome({ proof: aProver().proof(clock.now()) }))
    await host.authMethods.update({ ...method, tokenPolicy: { boundTo: 'nothing' } })
    await login()
  })
})

describe('a token that is bound to a certificate', () => {
  const der = (text: string) => unsafeClientCertificate(new TextEncoder().encode(text))
  const certificate = der('mine')

  async function certified() {
    const workload = await aWorkload({
      tokenPolicy: { ttl: 600, maxTtl: 3600, boundTo: 'certificate' },
    })
    const { accessToken, tokenType } = await workload.login(fromHome({ certificate }))
    return { ...workload, accessToken, tokenType }
  }

  test('names its thumbprint, and opens with it alone', async () => {
    const workload = await certified()
    const { accessToken, tokenType, countersign } = workload
    const x5t = createHash('sha256').update('mine').digest('base64url')
    expect(tokenType).toBe('Bearer')
    expect(readToken(accessToken).claims).toMatchObject({ cnf: { 'x5t#S256': x5t } })
    await countersign.authenticate(accessToken, fromHome({ certificate }))
    const lookalike = { der: certificate.der, chain: [] }
    for (const source of [{}, { certificate: der('another') }, { certificate: lookalike }]) {
      const attempt = () => countersign.authenticate(accessToken, fromHome(source))
      expect(await refusalOf(workload, attempt)).toMatchObject({
        code: 'invalid_token',
        reason: 'wrong_certificate',
      })
    }
  })

  test('is not granted to whoever shows none', async () => {
    const { refused, secret } = await certified()
    expect(await refused(HOME, secret.clientSecret)).toMatchObject({ reason: 'wrong_certificate' })
  })

  test('demands the proof as well where there was one', async () => {
    const workload = await certified()
    const { login, clock, countersign } = workload
    const prover = aProver()
    const { accessToken } = await login(fromHome({ certificate, proof: prover.proof(clock.now()) }))
    const alone = () => countersign.authenticate(accessToken, fromHome({ certificate }))
    expect(await refusalOf(workload, alone)).toMatchObject({ reason: 'proof_missing' })
    const proof = prover.proof(clock.now(), { token: accessToken })
    const uncertified = () => countersign.authenticate(accessToken, fromHome({ proof }))
    expect(await refusalOf(workload, uncertified)).toMatchObject({ reason: 'wrong_certificate' })
    await countersign.authenticate(accessToken, fromHome({ certificate, proof }))
  })
})
