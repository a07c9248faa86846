import { Buffer } from 'node:buffer'
import type { KeyObject } from 'node:crypto'
import { createHash, createHmac, createPrivateKey } from 'node:crypto'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { days } from '../../src/index.ts'
import type { SigningAlgorithm } from '../../src/lib/signing-key.ts'
import { createCountersignWith, systemRuntime } from '../../src/runtime.ts'
import { anEngine, ISSUER, ROOT_KEY } from '../support/engine.ts'
import { rounds } from '../support/gate.ts'
import { createTap, textsIn } from '../support/tap.ts'
import { forge, readToken, writeToken } from '../support/token.ts'
import type { LoggedIn } from '../support/workload.ts'
import { aWorkload, HOME, loggedIn, loginAs } from '../support/workload.ts'

const ORGANIZATION = 'acme'
const algorithms: readonly SigningAlgorithm[] = ['EdDSA', 'ES256', 'RS256', 'HS256']

/** A static token of the workload's identity. */
async function aStaticToken({ host, key, canaries }: LoggedIn) {
  await host.authMethods.attach({ ...key, method: 'token' })
  const minted = await host.staticTokens.create({ ...key, name: 'ci' })
  canaries.add(minted.staticToken)
  return minted
}

/** A deployment that was used, whatever its storage was handed, and how to try a text as a credential. */
async function leakedBy(algorithm: SigningAlgorithm) {
  const { around, values } = createTap()
  const engine = anEngine({ around, signing: { algorithm } })
  const login = await loggedIn({ engine, lockout: 'off' })
  const { host, secret, accessToken, renew, countersign, identity, recorded } = login
  const { organization, id } = secret
  const rotated = await host.clientSecrets.rotate({ organization, id })
  login.canaries.add(rotated.clientSecret)
  const { staticToken } = await aStaticToken(login)
  await renew()
  await countersign.authenticate(staticToken, HOME)
  await countersign.asHost('test').signingKeys.rotate()
  await login.refused()
  const dump = textsIn([values, await recorded(), await login.storage.keys.list()])
  const credentialOf = {
    universal: (clientSecret: string) => ({ clientSecret }),
    token: (text: string) => ({ staticToken: text }),
  }
  const attempts: readonly ((text: string) => Promise<unknown>)[] = [
    (text) => countersign.authenticate(text, HOME),
    (text) => countersign.renew(text, HOME),
    ...(['universal', 'token'] as const).map((method) => (text: string) => {
      const credential = credentialOf[method](text)
      return countersign.login({ method, identity: identity.id, credential } as never, HOME)
    }),
  ]
  const opens = async (text: string): Promise<boolean> => {
    const outcomes = await Promise.allSettled(attempts.map((attempt) => attempt(text)))
    return outcomes.some(({ status }) => status === 'fulfilled')
  }
  const secrets = [rotated.clientSecret, secret.clientSecret, staticToken, accessToken]
  return { ...login, dump, opens, secrets }
}

function macOf(token: string, key: Uint8Array): string {
  const { header, claims } = readToken(token)
  const input = writeToken({ header: { ...header, alg: 'HS256' }, claims })
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

/** The bytes that a text may be: its characters, or what it encodes. */
function bytesOf(text: string): readonly Uint8Array[] {
  return (['utf8', 'latin1', 'base64url', 'hex'] as const).map((form) => Buffer.from(text, form))
}

function ed25519Of(seed: Uint8Array): readonly KeyObject[] {
  if (seed.length < 32) return []
  const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')
  const key = Buffer.concat([pkcs8, seed.subarray(0, 32)])
  return [createPrivateKey({ key, format: 'der', type: 'pkcs8' })]
}

describe('a leaked storage', () => {
  test.each(algorithms)(
    'KEY-001 holds no text that is a secret, a token or a key, with %s',
    async (algorithm) => {
      const { dump, opens, accessToken, secrets } = await leakedBy(algorithm)
      expect(dump.size).toBeGreaterThan(60)
      for (const text of dump) expect(await opens(text), `a stored text opens: ${text}`).toBe(false)
      for (const secret of secrets) expect(await opens(secret)).toBe(true)
      for (const bytes of [...dump].flatMap(bytesOf)) {
        expect(await opens(macOf(accessToken, bytes)), 'a stored text is a MAC key').toBe(false)
      }
      expect([...dump].filter((text) => /"(d|k|p|q)":|PRIVATE KEY/.test(text))).toEqual([])
    },
  )

  test('KEY-001 holds no seed of the key that signs', async () => {
    const { dump, opens, accessToken } = await leakedBy('EdDSA')
    for (const key of [...dump].flatMap(bytesOf).flatMap(ed25519Of))
      expect(await opens(forge(readToken(accessToken), key))).toBe(false)
  })

  test('KEY-001 holds no digest that somebody without the root key could make', async () => {
    const { dump, secrets } = await leakedBy('EdDSA')
    const plain = secrets.map((secret) => createHash('sha256').update(secret).digest())
    const forms = ['base64url', 'base64', 'hex', 'latin1'] as const
    const written = plain.flatMap((digest) => forms.map((form) => digest.toString(form)))
    expect(written.filter((digest) => dump.has(digest))).toEqual([])
  })

  test('KEY-001 would be seen to fail where the key itself is in reach', async () => {
    const key = systemRuntime.random(32)
    const signer = {
      algorithm: 'HS256',
      kid: 'host',
      publicKey: { kty: 'oct', k: Buffer.from(key).toString('base64url') },
      sign: (data: Uint8Array) => new Uint8Array(createHmac('sha256', key).update(data).digest()),
    } as const
    const { accessToken, authenticate } = await loggedIn({ engine: anEngine({ signer }) })
    await expect(authenticate(HOME, macOf(accessToken, key))).resolves.toBeDefined()
  })
})

/** How unequally symbols fall: chi-square, in its standard deviations beyond what a fair draw has. */
function unfairnessOf(draws: Iterable<string>, alphabet: number): number {
  const counts = new Map<string, number>()
  let total = 0
  for (const symbol of draws) {
    counts.set(symbol, (counts.get(symbol) ?? 0) + 1)
    total += 1
  }
  const expected = total / alphabet
  const missing = (alphabet - counts.size) * expected
  const sum = [...counts.values()].reduce((all, n) => all + (n - expected) ** 2 / expected, missing)
  return (sum - (alphabet - 1)) / Math.sqrt(2 * (alphabet - 1))
}

/** The worst place among texts of one length, and all places together. */
function worstOf(texts: readonly string[], alphabet: number): number {
  const length = texts[0]?.length ?? 0
  const places = Array.from({ length }, (_, place) =>
    unfairnessOf(
      texts.map((text) => text.charAt(place)),
      alphabet,
    ),
  )
  return Math.max(...places, unfairnessOf(texts.join(''), alphabet))
}

/** Nine standard deviations: a fair source goes beyond it less than once in a hundred million tests. */
const SUSPICIOUS = 9

describe('what is minted', () => {
  const count = rounds(20_000, 1_000_000)

  test('KEY-002 secrets and ids are all different, and no place in them prefers a digit', async () => {
    const { host, key } = await aWorkload()
    const secrets: string[] = []
    const ids: string[] = []
    for (let made = 0; made < count; made += 1) {
      const { clientSecret, id } = await host.clientSecrets.create(key)
      secrets.push(clientSecret.slice('cst_cs_'.length, -6))
      ids.push(id.slice(-16))
    }
    expect([new Set(secrets).size, new Set(ids).size]).toEqual([count, count])
    expect(worstOf(secrets, 62)).toBeLessThan(SUSPICIOUS)
    expect(worstOf(ids, 32)).toBeLessThan(SUSPICIOUS)
  })

  test('KEY-002 sessions and token ids are all different, and no place in them prefers a digit', async () => {
    const { login } = await aWorkload({ lockout: 'off' })
    const nonces: string[] = []
    for (let made = 0; made < rounds(2000, 200_000); made += 1) {
      const { session, accessToken } = await login()
      nonces.push(session, String(readToken(accessToken).claims['jti']))
    }
    expect(new Set(nonces).size).toBe(nonces.length)
    expect(worstOf(nonces, 62)).toBeLessThan(SUSPICIOUS)
  })

  test('KEY-002 would be seen to fail where bytes are reduced modulo 62', () => {
    const digits = Array.from({ length: 62 }, (_, digit) => String.fromCharCode(65 + digit))
    const text = (): string =>
      [...systemRuntime.random(43)].map((byte) => digits[byte % 62]).join('')
    expect(worstOf(Array.from({ length: 2000 }, text), 62)).toBeGreaterThan(SUSPICIOUS)
  })

  test('KEY-002 comes from the secure source of the runtime, and from nothing else', async () => {
    const { random } = Math
    Math.random = () => {
      throw new Error('Math.random() is no source of secrets')
    }
    try {
      const minted = await Promise.all([1, 1, 2].map(mintedFrom))
      const [first, again, other] = minted
      expect(again).toEqual(first)
      expect(new Set([...(first ?? []), ...(other ?? [])]).size).toBe(6)
    } finally {
      Math.random = random
    }
  })
})

/** A client secret, a static token and a session of an engine whose randomness is known beforehand. */
async function mintedFrom(seed: number): Promise<readonly string[]> {
  let drawn = 0
  const random = (size: number): Uint8Array => {
    drawn += 1
    const stream = createHmac('sha512', `${seed}/${drawn}`).digest()
    return new Uint8Array(stream.subarray(0, size))
  }
  const runtime = { ...systemRuntime, clock: () => new Date(1_800_000_000_000), random }
  const storage = anEngine().storage
  const options = { issuer: ISSUER, rootKeys: [ROOT_KEY], storage }
  const countersign = createCountersignWith(runtime, options)
  const { organizations, identities, ...host } = countersign.asHost('test')
  await organizations.create({ id: ORGANIZATION, name: 'Acme' })
  const authMethod = { method: 'universal' } as const
  const wanted = { organization: ORGANIZATION, name: 'x', authMethod }
  const { identity } = await identities.create(wanted)
  const key = { organization: ORGANIZATION, identity: identity.id }
  await host.authMethods.attach({ ...key, method: 'token' })
  const { clientSecret } = await host.clientSecrets.create(key)
  const { staticToken } = await host.staticTokens.create({ ...key, name: 'ci' })
  const { session } = await loginAs(
    { countersign, canaries: new Set() },
    identity.id,
    clientSecret,
    HOME,
  )
  return [clientSecret, staticToken, session]
}

/** All that a program can make of a value without asking for a member by its name. */
function printsOf(value: unknown): string {
  const shown = inspect(value, { depth: null, showHidden: true })
  return [shown, JSON.stringify(value), String(value), JSON.stringify(Object.entries(value ?? {}))]
    .concat(inspect(structuredClone(value), { depth: null, showHidden: true }))
    .join('\n')
}

describe('a secret', () => {
  test('KEY-007 is shown where it is made and rotated, and nowhere after that', async () => {
    const login = await loggedIn()
    const { host, key, secret, countersign, sunk, recorded } = login
    const byId = { organization: key.organization, id: secret.id }
    const rotated = await host.clientSecrets.rotate(byId)
    const fixed = await aStaticToken(login)
    const fixedById = { organization: key.organization, id: fixed.id }
    await countersign.maintain()
    const shown = [
      await host.clientSecrets.get(byId),
      await host.clientSecrets.get({ ...byId, id: rotated.id }),
      await host.clientSecrets.list(key),
      await host.clientSecrets.revoke(byId),
      await host.staticTokens.get(fixedById),
      await host.staticTokens.list(key),
      await host.staticTokens.update({ ...fixedById, name: 'renamed' }),
      await host.staticTokens.revoke(fixedById),
      await host.identities.list({ organization: key.organization }),
      await host.authMethods.list(key),
      await countersign.asHost('test').signingKeys.list(),
      await countersign.asHost('test').rootKeys.status(),
      await countersign.jwks(),
      [...sunk],
      await recorded(),
    ]
    const texts = textsIn(shown)
    for (const credential of [secret.clientSecret, rotated.clientSecret, fixed.staticToken]) {
      expect(shown.map(printsOf).join().includes(credential)).toBe(false)
      expect([...texts].filter((text) => text.includes(credential.slice(7, 28)))).toEqual([])
    }
    expect(shown.map((one) => 'clientSecret' in one || 'staticToken' in one)).not.toContain(true)
  })

  test('KEY-007 is read by its name alone, at the only moment that it is there', async () => {
    const login = await loggedIn()
    const { secret, grant } = login
    const fixed = await aStaticToken(login)
    const hidden = [secret.clientSecret, fixed.staticToken, grant.accessToken]
    expect(hidden.map((text) => typeof text)).toEqual(['string', 'string', 'string'])
    for (const [index, value] of [secret, fixed, grant].entries())
      expect(printsOf(value).includes(hidden[index] ?? '')).toBe(false)
  })
})

const PUBLIC_MEMBERS: Readonly<Record<SigningAlgorithm, readonly string[]>> = {
  EdDSA: ['alg', 'crv', 'kid', 'kty', 'use', 'x'],
  ES256: ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
  RS256: ['alg', 'e', 'kid', 'kty', 'n', 'use'],
  HS256: [],
}

/** 32 bytes that are an Ed25519 public key: the base point. */
const X = 'WGZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY'

describe('jwks()', () => {
  test.each(algorithms)('KEY-008 shows public members only, with %s', async (algorithm) => {
    const { countersign } = await loggedIn({ engine: anEngine({ signing: { algorithm } }) })
    const { keys } = await countersign.jwks()
    expect(keys.length).toBe(algorithm === 'HS256' ? 0 : 1)
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(PUBLIC_MEMBERS[algorithm])
      expect(Object.values(key).map((member) => typeof member)).not.toContain('object')
    }
  })

  test.each([
    ['its own private key', { kty: 'OKP', crv: 'Ed25519', x: X, d: X }, 'EdDSA'],
    ['a secret that it shares', { kty: 'oct', k: X }, 'HS256'],
    ['members of its own', { kty: 'OKP', crv: 'Ed25519', x: X, host: 'note' }, 'EdDSA'],
  ] as const)('KEY-008 never shows %s that a host signs with', async (_, publicKey, algorithm) => {
    const signer = { algorithm, kid: 'host', publicKey, sign: (data: Uint8Array) => data }
    const { keys } = await anEngine({ signer }).countersign.jwks()
    const shown = keys.map((key) => Object.keys(key).sort())
    expect(shown).toEqual(algorithm === 'HS256' ? [] : [PUBLIC_MEMBERS[algorithm]])
  })

  test('KEY-008 keeps a key until its last token has ended, and not longer', async () => {
    const { countersign, clock } = await loggedIn()
    const { signingKeys } = countersign.asHost('test')
    const shown = async () => (await countersign.jwks()).keys.map(({ kid }) => kid)
    const [old] = await shown()
    const { kid: next, activeFrom } = await signingKeys.rotate({ lead: 600 })
    expect(await shown()).toEqual([old, next])
    const [first] = await signingKeys.list()
    const end = new Date(activeFrom.getTime() + days(90) * 1000)
    expect(first).toMatchObject({ kid: old, phase: 'active', retiresAt: end })
    clock.set(new Date(end.getTime() - 1))
    expect(await shown()).toContain(old)
    clock.set(end)
    expect(await shown()).not.toContain(old)
  })
})
