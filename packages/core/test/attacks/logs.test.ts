import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import * as z from 'zod'
import type { Verifier } from '../../src/plugin.ts'
import { Rejection } from '../../src/plugin.ts'
import { leaksIn, outputOf, printsOf } from '../support/canaries.ts'
import { runChild } from '../support/child.ts'
import { anEngine, OTHER_ROOT_KEY, ROOT_KEY } from '../support/engine.ts'
import { aSigner } from '../support/signer.ts'
import { aBearer } from '../support/static-token.ts'
import { createOutage } from '../support/storage.ts'
import { createTap } from '../support/tap.ts'
import { forge, readToken } from '../support/token.ts'
import { anIdentity, aWorkload, ELSEWHERE, HOME, loggedIn } from '../support/workload.ts'

const organization = 'acme'
const universal = { method: 'universal' } as const

/** A secret in the right form that opens nothing, and that no other test knows. */
const canary = (mark: string): string => `cst_cs_C4n4ry${mark}pX7qLm2Zt9VbKs5RdW8yHf3GjN6cUaEoTi1`
const PASSWORD = 'corr3ct-h0rse-b4ttery-canary'

/** A method whose credential is a password. */
const phrase: Verifier<'phrase', object, { readonly phrase: string }> = {
  method: 'phrase',
  guessable: true,
  policy: z.strictObject({}),
  credential: z.strictObject({ phrase: z.string().max(64) }),
  verify: ({ phrase: said }) =>
    said === PASSWORD ? { subject: 'x', claims: {} } : new Rejection('wrong_phrase'),
}

/** Calls that fail, each handed as many of the secrets as it takes. */
async function failures(workload: Awaited<ReturnType<typeof aCanaryEngine>>) {
  const { countersign, host, identity, secret, accessToken, staticToken } = workload
  const { clientSecret } = secret
  const key = { organization, identity: identity.id }
  const wrong = canary('wrong')
  const forged = forge(readToken(accessToken), aSigner().privateKey)
  for (const text of [wrong, forged]) workload.canaries.add(text)
  const login = (request: object, source = HOME) => countersign.login(request as never, source)
  const loginWith = (credential: unknown, source = HOME) =>
    login({ ...universal, identity: identity.id, credential }, source)
  return {
    'a wrong secret': () => loginWith({ clientSecret: wrong }),
    'the secret of another': () => loginWith({ clientSecret: workload.other.clientSecret }),
    'a wrong password': () =>
      login({ method: 'phrase', identity: identity.id, credential: { phrase: wrong } }),
    'a static token that is none': () =>
      login({ method: 'token', credential: { staticToken: wrong } }),
    'the secret in the place of the id': () =>
      login({ ...universal, identity: clientSecret, credential: { clientSecret: wrong } }),
    'the secret in the place of the method': () =>
      login({ method: clientSecret, identity: identity.id, credential: { clientSecret } }),
    'the secret as a credential': () => loginWith(clientSecret),
    'the secret as a list': () => loginWith({ clientSecret: [clientSecret] }),
    'the secret as a key': () => loginWith({ [clientSecret]: clientSecret }),
    'the secret beside a member too many': () => loginWith({ clientSecret, [wrong]: wrong }),
    'the secret, too long': () => loginWith({ clientSecret: clientSecret.repeat(20) }),
    'the secret as a token': () => countersign.authenticate(clientSecret, HOME),
    'a forged token': () => countersign.authenticate(forged, HOME),
    'a token with a text behind it': () => countersign.authenticate(`${accessToken}x`, HOME),
    'a token whose claims are no JSON': () =>
      countersign.authenticate(withClaims(accessToken, wrong), HOME),
    'a token in parts': () => countersign.authenticate([accessToken] as never, HOME),
    'a token that is no text': () => countersign.authenticate({ accessToken } as never, HOME),
    'a static token with a text behind it': () => countersign.authenticate(`${staticToken}x`, HOME),
    'a renewal of a forged token': () => countersign.renew(forged, HOME),
    'a renewal of a static token': () => countersign.renew(staticToken, HOME),
    'the secret as its id': () => host.clientSecrets.get({ organization, id: clientSecret }),
    'the secret as an organization': () =>
      host.identities.list({ organization, cursor: clientSecret }),
    'the secret as a member': () => host.identities.create({ ...key, [clientSecret]: 1 } as never),
    'the secret as a network': () =>
      host.authMethods.update({
        ...key,
        ...universal,
        tokenPolicy: { trustedSources: { token: [clientSecret] } },
      }),
    'the secret as a slug': () =>
      host.identities.create({ organization, name: 'x', slug: clientSecret }),
    'the secret as a number': () =>
      host.clientSecrets.create({ ...key, maxUses: clientSecret as never }),
    'the secret as metadata': () =>
      host.identities.create({
        organization,
        name: 'x',
        metadata: { [clientSecret]: {} } as never,
      }),
    'the token as a principal': async () => countersign.as(accessToken as never),
    'the root key as an option': async () =>
      anEngine({ rootKeys: [`${ROOT_KEY}x`, OTHER_ROOT_KEY], [ROOT_KEY]: 1 } as object),
    'a root key that is none': async () => anEngine({ rootKeys: [`${ROOT_KEY}x`, OTHER_ROOT_KEY] }),
  } satisfies Readonly<Record<string, () => Promise<unknown>>>
}

/** Puts a text where the claims of a token should be: a parser's own error would quote it. */
function withClaims(token: string, text: string): string {
  const [header, , signature] = token.split('.')
  return [header, Buffer.from(text).toString('base64url'), signature].join('.')
}

/** An engine that knows a secret of every kind; all of them are canaries. */
async function aCanaryEngine() {
  const rootKeys = [ROOT_KEY, OTHER_ROOT_KEY]
  const engine = anEngine({ verifiers: [phrase], rootKeys })
  const given = { ...engine, host: engine.host } as never
  const workload = await loggedIn({ engine: given, lockout: 'off' })
  const { host } = engine
  const { key, canaries } = workload
  for (const text of [OTHER_ROOT_KEY, PASSWORD]) canaries.add(text)
  await host.authMethods.attach({ ...key, method: 'phrase', lockout: 'off' })
  await host.authMethods.attach({ ...key, method: 'token' })
  const { staticToken } = await host.staticTokens.create({ ...key, name: 'ci' })
  canaries.add(staticToken)
  const other = await aWorkload({ engine: given })
  return { ...workload, countersign: engine.countersign, host, staticToken, other: other.secret }
}

/** Uses every kind of credential well, and ends it. */
async function useAll(workload: Awaited<ReturnType<typeof aCanaryEngine>>): Promise<void> {
  const { countersign, host, key, secret, staticToken, accessToken, canaries, login } = workload
  const granted = [
    await login(),
    await countersign.login(
      { method: 'phrase', identity: key.identity, credential: { phrase: PASSWORD } },
      HOME,
    ),
    await countersign.login({ method: 'token', credential: { staticToken } }, HOME),
    await countersign.renew(accessToken, HOME),
  ]
  for (const grant of granted) canaries.add(grant.accessToken)
  for (const token of [accessToken, staticToken, ...granted.map((grant) => grant.accessToken)]) {
    await countersign.authenticate(token, HOME)
    await countersign.introspect(token)
  }
  const byId = { organization, id: secret.id }
  const rotated = await host.clientSecrets.rotate(byId)
  canaries.add(rotated.clientSecret)
  await login(HOME, rotated.clientSecret)
  await countersign.revoke(accessToken, HOME)
  await countersign.revoke(staticToken, HOME)
  await countersign.authenticate(accessToken, HOME).catch(() => undefined)
  await host.clientSecrets.revoke({ ...byId, reason: 'leaked' })
  await host.clientSecrets.delete(byId)
  await countersign.asHost('test').signingKeys.rotate()
  await host.identities.delete({ organization, id: key.identity })
  await countersign.maintain()
  await countersign.close()
}

const errorOf = (run: () => Promise<unknown>): Promise<unknown> =>
  run().then(
    () => {
      throw new Error('It was not refused')
    },
    (error: unknown) => error,
  )

describe('a canary', () => {
  test('LOG-001 shows in no event, no error, no output and no part of an engine', async () => {
    const shown: unknown[] = []
    let workload: Awaited<ReturnType<typeof aCanaryEngine>> | undefined
    const output = await outputOf(async () => {
      const made = await aCanaryEngine()
      workload = made
      for (const fail of Object.values(await failures(made))) shown.push(await errorOf(fail))
      await useAll(made)
      shown.push(made.countersign, made.host, made.sunk, await made.recorded())
    })
    const { canaries, sunk } = workload as Awaited<ReturnType<typeof aCanaryEngine>>
    expect(canaries.size).toBeGreaterThan(12)
    expect(new Set(sunk.map(({ type }) => type)).size).toBeGreaterThan(12)
    expect(output).toBe('')
    for (const value of shown) expect(leaksIn(printsOf(value), canaries)).toEqual([])
  })

  test.each([
    ['raw', (text: string) => text],
    ['in base64', (text: string) => Buffer.from(`id:${text}`).toString('base64')],
    ['in base64url', (text: string) => Buffer.from(text).toString('base64url')],
    ['in hexadecimal', (text: string) => Buffer.from(text).toString('hex')],
    ['with its halves reversed', (text: string) => text.slice(28) + text.slice(0, 28)],
    ['backwards', (text: string) => [...text].reverse().join('')],
  ])('LOG-001 would be seen %s, in a cause of a cause or a hidden member', (_, disguise) => {
    const secret = canary('seen')
    const text = disguise(secret)
    const hidden = Object.defineProperty({}, 'hidden', { value: [{ text }] })
    const cause = new Error('outer', { cause: new Error(`inner ${text}`) })
    for (const value of [text, { a: [text] }, hidden, new Error('x', { cause })])
      expect(leaksIn(printsOf(value), [secret])).not.toEqual([])
  })
})

describe('an error', () => {
  test('LOG-002 LOG-004 of any failing call repeats nothing that it was handed', async () => {
    const workload = await aCanaryEngine()
    for (const [name, fail] of Object.entries(await failures(workload))) {
      const error = await errorOf(fail)
      expect(error, name).toBeInstanceOf(Error)
      expect(leaksIn(printsOf(error), workload.canaries), name).toEqual([])
      expect(printsOf(error).includes('C4n4ry'), name).toBe(false)
    }
  })

  test('LOG-002 of a storage that fails cannot hold a credential: it is handed none', async () => {
    const outage = createOutage()
    const { around, values } = createTap()
    const engine = anEngine({ around: (storage) => outage.around(around(storage)), cacheTtl: 0 })
    const login = await loggedIn({ engine })
    const { canaries, countersign, secret, accessToken } = login
    const { token } = await aBearer({ engine })
    await countersign.authenticate(token.staticToken, HOME)
    await login.refused()
    await login.renew()
    expect(leaksIn(inspect(values, { depth: null, maxArrayLength: null }), canaries)).toEqual([])
    outage.begin()
    for (const call of [
      () => login.login(HOME, secret.clientSecret),
      () => countersign.authenticate(token.staticToken, ELSEWHERE),
      () => countersign.renew(accessToken, HOME),
      () => countersign.revoke(accessToken, HOME),
      () => login.another(),
    ]) {
      const error = await errorOf(call)
      expect(error).toMatchObject({ code: 'unavailable' })
      expect(leaksIn(printsOf(error), canaries)).toEqual([])
    }
  })

  test('LOG-004 of any input names the field, and lists no value among its issues', async () => {
    const { host } = await aWorkload()
    const { create } = host.identities
    const text = canary('value')
    const fields = ['name', 'slug', 'metadata', 'disabled', 'deleteProtection', 'owner', 'role']
    let refused = 0
    const values = [[text], { [text]: text }, `${text}\0`, { a: { b: text } }, text.repeat(20)]
    for (const field of [...fields, 'authMethod', 'organization'])
      for (const value of values) {
        const given = { organization, name: 'x', [field]: value } as never
        const error: unknown = await create(given).catch((refusal: unknown) => refusal)
        if (!(error instanceof Error)) continue
        expect(printsOf(error)).toContain(field)
        expect(printsOf(error)).not.toContain('C4n4ry')
        refused += 1
      }
    expect(refused).toBeGreaterThan(35)
  })

  test('LOG-005 that nobody catches, out of the hash of a credential, prints none of it', async () => {
    const texts = { login: canary('hash'), authenticate: `e30.e30.${canary('hash')}` }
    for (const [verb, text] of Object.entries(texts)) {
      const { code, stdout, stderr } = await runChild('failing-hash.ts', [], [verb, text])
      expect(code, verb).not.toBe(0)
      expect(stderr, verb).toContain('The hash is broken')
      expect(leaksIn(stdout + stderr, [canary('hash')]), verb).toEqual([])
    }
  })
})

describe('an object that holds a secret', () => {
  test('LOG-003 prints, serialises, copies and travels without it', async () => {
    const login = await loggedIn()
    const { token } = await aBearer({ engine: login })
    const rotated = await login.host.clientSecrets.rotate({ organization, id: login.secret.id })
    const values = [
      [login.secret, login.secret.clientSecret],
      [rotated, rotated.clientSecret],
      [token, token.staticToken],
      [login.grant, login.accessToken],
      [await login.authenticate(), login.accessToken],
    ] as const
    for (const [value, secret] of values) {
      const copies = [value, { ...value }, [value], { value }, new Map([[value, value]])]
      for (const copy of copies) expect(leaksIn(printsOf(copy), [secret])).toEqual([])
      expect(`${value}`).toBe('[object Object]')
    }
    const printed = values.slice(0, 4).map(([value]) => inspect(value))
    for (const text of printed)
      expect(text).toMatch(/(clientSecret|staticToken|accessToken): '\[redacted\]'/)
  })

  test('LOG-007 is redacted when it is made: what is printed later, after changes, shows nothing', async () => {
    const login = await loggedIn()
    const { countersign, identity, secret, sunk, recorded, canaries } = login
    const source: Record<string, string> = {
      address: '192.0.2.1',
      userAgent: 'agent',
      requestId: 'r1',
    }
    const request = {
      ...universal,
      identity: identity.id,
      credential: { clientSecret: secret.clientSecret },
    }
    await countersign.login(request, source)
    const wrong = { ...request, credential: { clientSecret: canary('later') } }
    const denied = await errorOf(() => countersign.login(wrong, source))
    for (const name of Object.keys(source)) source[name] = canary('later')
    Object.assign(wrong, { identity: canary('later'), method: canary('later') })
    await countersign.maintain()
    const events = [...(await recorded()), ...sunk]
    const lazily = printsOf([denied, events])
    expect(lazily).not.toContain('C4n4ry')
    expect(lazily).toContain('agent')
    expect(leaksIn(lazily, canaries)).toEqual([])
  })
})

describe('the heap', () => {
  async function textsOf(mode: 'drop' | 'hold') {
    const folder = await mkdtemp(join(tmpdir(), 'heap-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'heap.heapsnapshot')
    const { code, stdout, stderr } = await runChild('heap.ts', ['--expose-gc'], [file, mode])
    expect([code, stderr]).toEqual([0, ''])
    const secrets = (JSON.parse(stdout) as number[][]).map((units) => String.fromCharCode(...units))
    const snapshot = await readFile(file, 'utf8')
    // A token begins like every other one, and a snapshot cuts long texts: its claims tell it apart.
    const tellingPartOf = (secret: string) => secret.slice(-700, -20).slice(-560, -500) || secret
    return secrets.map((secret) => {
      const part = secret.length < 100 ? secret : tellingPartOf(secret)
      return snapshot.includes(part)
    })
  }

  test('LOG-009 holds no credential after its use, though caches know it again', async () => {
    expect(await textsOf('drop')).toEqual([false, false, false, false])
  })

  test('LOG-009 would be seen to hold what is held', async () => {
    expect(await textsOf('hold')).toEqual([true, true, true, true])
  })
})

describe('identities of a method with a password', () => {
  test('LOG-001 keep the password out of their lockout as well', async () => {
    const engine = anEngine({ verifiers: [phrase] })
    const identity = await anIdentity(engine as never)
    await engine.host.authMethods.attach({ organization, identity: identity.id, method: 'phrase' })
    const credential = { phrase: `${PASSWORD}!` }
    const attempt = () =>
      engine.countersign.login({ method: 'phrase', identity: identity.id, credential }, HOME)
    for (let count = 0; count < 4; count += 1) await errorOf(attempt)
    const locks = await engine.host.lockouts.list({ organization })
    expect(locks.length).toBe(1)
    const shown = printsOf([locks, await engine.recorded()])
    expect(leaksIn(shown, [`${PASSWORD}!`])).toEqual([])
  })
})
