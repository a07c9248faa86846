import { Buffer } from 'node:buffer'
import { createHmac, createPublicKey } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { anEngine, OTHER_ROOT_KEY } from '../support/engine.ts'
import { refusalOf } from '../support/refusal.ts'
import { aSigner } from '../support/signer.ts'
import { forge, readToken, writeToken } from '../support/token.ts'
import { HOME, loggedIn } from '../support/workload.ts'

const signer = aSigner()
const signedLogin = () => loggedIn({ engine: anEngine({ signer }) })

describe('authenticate()', () => {
  const lookAlikes: readonly (readonly [string, (token: string) => string])[] = [
    ['a fullwidth letter', (token: string) => token.replace(/[A-Za-z]/, toFullwidth)],
    ['a Cyrillic twin', (token: string) => token.replace('a', '\u0430')],
    ['a zero-width space behind it', (token: string) => `${token}\u200B`],
    ['a byte order mark before it', (token: string) => `\uFEFF${token}`],
    ['a NUL behind it', (token: string) => `${token}\0`],
    ['blanks around it', (token: string) => ` ${token}\n`],
  ]

  test.each(lookAlikes)('TOK-009 refuses a token with %s', async (_, change) => {
    const { accessToken, denied } = await loggedIn()
    const error = await denied(HOME, change(accessToken), 'reported')
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'malformed' })
  })

  const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', '']

  test.each(spellings)('TOK-012 refuses alg %j, signed by nobody or by us', async (alg) => {
    const { accessToken, denied } = await signedLogin()
    const { header, claims } = readToken(accessToken)
    const unsigned = `${writeToken({ header: { ...header, alg }, claims })}.`
    const signed = forge({ header: { ...header, alg }, claims }, signer.privateKey)
    expect((await denied(HOME, unsigned, 'reported')).reason).toBe('malformed')
    expect((await denied(HOME, signed, 'reported')).reason).toBe('unknown_key')
  })

  const publicForms = [
    ['the PEM', pem()],
    ['the PEM behind a blank', ` ${pem()}`],
    ['the JWK as JSON', JSON.stringify(signer.publicKey)],
    ['the DER', publicKey().export({ format: 'der', type: 'spki' })],
  ]

  test.each(publicForms)(
    'TOK-013 refuses a token whose HMAC key is %s of our public key',
    async (_, key) => {
      const { accessToken, denied } = await signedLogin()
      const { header, claims } = readToken(accessToken)
      const input = writeToken({ header: { ...header, alg: 'HS256' }, claims })
      const token = `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
      const error = await denied(HOME, token, 'reported')
      expect(error).toMatchObject({ code: 'invalid_token', reason: 'unknown_key' })
    },
  )

  test('TOK-014 refuses a token of an unknown key that the empty key signed', async () => {
    const { accessToken, denied } = await signedLogin()
    const { claims } = readToken(accessToken)
    const input = writeToken({ header: { alg: 'HS256', kid: 'nobody', typ: 'at+jwt' }, claims })
    const token = `${input}.${createHmac('sha256', '').update(input).digest('base64url')}`
    const error = await denied(HOME, token, 'reported')
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'unknown_key' })
  })

  const kids: readonly (readonly [string, unknown])[] = [
    ['a path', '../../dev/null'],
    ['SQL', "x' OR 1=1--"],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['10 kB', 'k'.repeat(10_000)],
    ['a number', 1],
    ['null', null],
    ['a list', ['test-key']],
  ]

  test.each(kids)('TOK-015 refuses %s as a kid without asking anybody', async (_, kid) => {
    const { accessToken, denied, calls, countersign } = await signedLogin()
    const { header, claims } = readToken(accessToken)
    const token = forge({ header: { ...header, kid }, claims }, signer.privateKey)
    calls.forget()
    await countersign.tryAuthenticate(token, HOME)
    expect(calls.verbs()).toEqual([])
    expect((await denied(HOME, token, 'reported')).code).toBe('invalid_token')
  })

  test('TOK-016 refuses a key that a token brings along, and looks nowhere for it', async () => {
    const asked: string[] = []
    const server = createServer(({ url = '' }, response) => {
      asked.push(url)
      response.end('{"keys":[]}')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
    const engine = anEngine({ signer, fetch: globalThis.fetch })
    const { accessToken, denied } = await loggedIn({ engine })
    const { header, claims } = readToken(accessToken)
    const theirs = aSigner('theirs')
    const brought = [{ jwk: theirs.publicKey }, { jku: url }, { x5u: url }, { x5c: ['MIIB'] }]
    for (const extra of brought)
      for (const { kid, privateKey } of [signer, theirs]) {
        const token = forge({ header: { ...header, kid, ...extra }, claims }, privateKey)
        expect((await denied(HOME, token, 'reported')).reason).toBe('foreign_token')
      }
    await new Promise((resolve) => server.close(resolve))
    expect(asked).toEqual([])
  })

  const extensions: readonly object[] = [
    [{ crit: ['x'], x: 1 }],
    [{ crit: [] }],
    [{ crit: 'exp' }],
    [{ crit: ['alg'] }],
    [{ crit: ['x', 'x'], x: 1 }],
  ]

  test.each(extensions)(
    'TOK-017 refuses the critical extension %j under our own signature',
    async (extra) => {
      const { accessToken, denied } = await signedLogin()
      const { header, claims } = readToken(accessToken)
      const token = forge({ header: { ...header, ...extra }, claims }, signer.privateKey)
      const error = await denied(HOME, token, 'reported')
      expect(error).toMatchObject({ code: 'invalid_token', reason: 'foreign_token' })
    },
  )

  test('TOK-021 refuses JSON serialisations and the polyglot of a good token', async () => {
    const { accessToken, denied } = await loggedIn()
    const [header, payload, signature] = accessToken.split('.')
    const flattened = { payload, protected: header, signature }
    const general = { payload, signatures: [{ protected: header, signature }] }
    const polyglot = `{"  ${header}.":1,"payload":"${payload}","protected":"${header}","signature":"${signature}"}`
    for (const text of [JSON.stringify(flattened), JSON.stringify(general), polyglot])
      expect((await denied(HOME, text, 'reported')).reason).toBe('malformed')
  })

  test('TOK-022 refuses the token of a deployment with another issuer and the same keys', async () => {
    const staging = await loggedIn({
      engine: anEngine({ signer, issuer: 'https://staging.example.com' }),
    })
    const production = anEngine({ signer, beside: staging })
    const attempt = () => production.countersign.authenticate(staging.accessToken, HOME)
    const error = await refusalOf(production, attempt, 'reported')
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'foreign_token' })
  })

  test('TOK-022 refuses the token of a deployment of the same name with keys of its own', async () => {
    const { accessToken } = await loggedIn()
    const other = anEngine({ rootKeys: [OTHER_ROOT_KEY] })
    await other.countersign.ready()
    const attempt = () => other.countersign.authenticate(accessToken, HOME)
    const error = await refusalOf(other, attempt, 'reported')
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'unknown_key' })
  })

  test('TOK-023 throws a TypeError for what is no text, and never asks it for one', async () => {
    const { accessToken, countersign, calls } = await loggedIn()
    const coercible = { toString: () => accessToken }
    const values = [
      undefined,
      null,
      {},
      [],
      [accessToken],
      Buffer.from(accessToken),
      123,
      coercible,
    ]
    calls.forget()
    for (const value of values)
      for (const verb of ['authenticate', 'tryAuthenticate', 'renew', 'revoke'] as const)
        await expect(countersign[verb](value as never, HOME)).rejects.toBeInstanceOf(TypeError)
    for (const value of values)
      await expect(countersign.introspect(value as never)).rejects.toBeInstanceOf(TypeError)
    expect(calls.verbs()).toEqual([])
  })
})

describe('authenticate() on noise', () => {
  test('TOK-006 asks the authority nothing about 10,000 texts that only look like tokens', async () => {
    const { accessToken, countersign, calls } = await loggedIn()
    const [header, claims] = accessToken.split('.')
    calls.forget()
    for (let round = 0; round < 10_000; round += 1) {
      const noise = Buffer.from(`noise ${round}`.repeat(8)).toString('base64url').slice(0, 86)
      const text = round % 2 === 0 ? `${header}.${claims}.${noise}` : `${noise}.${noise}.${noise}`
      const answer = await countersign.tryAuthenticate(text, HOME)
      expect(answer).toMatchObject({ code: 'invalid_token' })
    }
    expect(calls.verbs()).toEqual([])
  })

  test('TOK-008 refuses a token with one letter in the other case', async () => {
    const { accessToken, denied, countersign } = await loggedIn()
    expect((await denied(HOME, accessToken.toUpperCase(), 'reported')).code).toBe('invalid_token')
    for (const place of [3, accessToken.indexOf('.') + 9, accessToken.length - 20]) {
      const flipped = accessToken.slice(0, place) + flip(accessToken.slice(place))
      const answer = await countersign.tryAuthenticate(flipped, HOME)
      expect(answer).toMatchObject({ code: 'invalid_token' })
    }
  })
})

function toFullwidth(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) + 0xfee0)
}

/** Turns the case of the first letter. */
function flip(text: string): string {
  return text.replace(/[A-Za-z]/, (letter) =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
  )
}

function publicKey() {
  return createPublicKey({ key: signer.publicKey as never, format: 'jwk' })
}

function pem(): string {
  return publicKey().export({ format: 'pem', type: 'spki' }) as string
}
