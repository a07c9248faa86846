import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { isCountersignError } from '../../src/index.ts'
import { runChild } from '../support/child.ts'
import { anEngine } from '../support/engine.ts'
import { readToken } from '../support/token.ts'
import type { Workload } from '../support/workload.ts'
import { aWorkload, HOME, loggedIn } from '../support/workload.ts'

const organization = 'acme'
const universal = { method: 'universal' } as const
const refusal = (message: unknown) => ({ code: 'invalid_request', message })

/** A workload that has token auth as well. */
async function aFullWorkload(): Promise<Workload> {
  const workload = await aWorkload()
  await workload.host.authMethods.attach({ ...workload.key, method: 'token' })
  return workload
}

const POISON = '"__proto__": {"polluted": true}, "constructor": {"prototype": {"polluted": true}}'
const poisonous = (rest = '') => JSON.parse(`{${POISON}${rest}}`)

function expectClean(): void {
  const bare: Record<string, unknown> = {}
  expect([bare['polluted'], Object.hasOwn(Object.prototype, 'polluted')]).toEqual([
    undefined,
    false,
  ])
}

describe('names out of JSON', () => {
  test('INP-001 in metadata pollute nothing: __proto__ is refused, and the others are names', async () => {
    const { host } = await aWorkload()
    const { create, list, get } = host.identities
    const proto = JSON.parse('{"__proto__": "x", "team": "blue"}')
    const message = 'metadata must not have the key __proto__'
    for (const metadata of [proto, poisonous(), JSON.parse('{"__proto__": null}')]) {
      await expect(create({ organization, name: 'x', metadata })).rejects.toMatchObject(
        refusal(message),
      )
      await expect(list({ organization, metadata })).rejects.toMatchObject(refusal(message))
    }
    const names = { constructor: 'a', prototype: 'b', toString: 'c', hasOwnProperty: 'd' }
    const { identity } = await create({ organization, name: 'x', metadata: names as never })
    const { metadata } = await get({ organization, id: identity.id })
    expect({ ...metadata }).toEqual(names)
    expect((await list({ organization, metadata: names as never })).items.length).toBe(1)
    expectClean()
  })

  test('INP-001 that nobody noted are not there in the metadata of a principal', async () => {
    const { authenticate } = await loggedIn({ identity: { metadata: { team: 'blue' } } })
    const { metadata } = await authenticate()
    expect(Object.keys(metadata)).toEqual(['team'])
    expect(Object.getOwnPropertyNames(metadata)).toEqual(['team'])
    expect(Object.assign({}, JSON.parse(JSON.stringify(metadata)))).toEqual({ team: 'blue' })
  })

  test('INP-001 as members of any input are refused, whatever they hold', async () => {
    const { host, countersign, key, identity } = await aWorkload()
    const inherited = JSON.parse(`{"__proto__": ${JSON.stringify(key)}, "method": "universal"}`)
    const own = poisonous(`, "organization": "acme", "name": "x"`)
    const calls: readonly (() => Promise<unknown>)[] = [
      () => host.organizations.create(own),
      () => host.identities.create(own),
      () => host.identities.update({ ...own, id: identity.id }),
      () => host.identities.list({ ...poisonous(), organization }),
      () => host.authMethods.update(inherited),
      () => host.authMethods.update({ ...key, ...universal, tokenPolicy: poisonous() }),
      () => host.authMethods.update({ ...key, ...universal, lockout: poisonous() }),
      () => host.authMethods.update({ ...key, ...universal, policy: poisonous() as never }),
      () => host.clientSecrets.create({ ...key, ...poisonous() }),
      () => countersign.login(poisonous(), HOME),
    ]
    for (const call of calls)
      await expect(call()).rejects.toMatchObject({ code: 'invalid_request' })
    expect(() => anEngine(poisonous())).toThrow(/^The input has an unknown member/)
    expectClean()
  })

  test('INP-001 hand no credential in through a prototype', async () => {
    const { countersign, identity, secret } = await aWorkload()
    const { clientSecret } = secret
    const whole = { ...universal, identity: identity.id, credential: { clientSecret } }
    for (const text of [
      JSON.stringify({ ...whole, credential: { proto: { clientSecret } } }),
      JSON.stringify({ proto: whole }),
    ]) {
      const request = JSON.parse(text.replace('"proto"', '"__proto__"'))
      await expect(countersign.login(request, HOME)).rejects.toMatchObject({
        code: 'invalid_request',
      })
    }
    expectClean()
  })

  test('INP-001 in claims of the host replace no claim of ours, and pollute nobody who reads them', async () => {
    const { countersign, identity, secret, authenticate } = await loggedIn()
    const { clientSecret } = secret
    const request = { ...universal, identity: identity.id, credential: { clientSecret } }
    const poisoned = { claims: () => poisonous(', "sub": "somebody"') }
    await assert.rejects(countersign.login(request, HOME, poisoned), TypeError)
    const claims = () => ({ sub: 'somebody', gen: '99', org: 'other', max: '1', tier: 'gold' })
    const { accessToken } = await countersign.login(request, HOME, { claims })
    const read = readToken(accessToken).claims
    expect(read).toMatchObject({ sub: identity.id, org: organization, gen: 1, tier: 'gold' })
    expect(await authenticate(HOME, accessToken)).toMatchObject({ identity: identity.id })
    expect(Object.hasOwn(await authenticate(HOME, accessToken), 'polluted')).toBe(false)
    expectClean()
  })
})

describe.each([['--disable-proto=throw'], ['--disable-proto=delete'], ['--frozen-intrinsics']])(
  'a process under %s',
  (flag) => {
    test('INP-002 runs the whole life of an engine', async () => {
      const { code, stdout } = await runChild('smoke.ts', [flag])
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toEqual({
        kind: 'identity',
        metadata: { team: 'blue' },
        secrets: 1,
        refused: ['invalid_credential', 'invalid_request', 'not_found', 'invalid_token'],
        grants: 1,
      })
    })
  },
)

/** Everything that carries a name for people: how it is made, and how its name is read back. */
const named: readonly (readonly [string, (given: Workload, name: never) => Promise<unknown>])[] = [
  ['an organization', ({ host }, name) => host.organizations.create({ name })],
  ['a project', ({ host }, name) => host.projects.create({ organization, name })],
  [
    'an identity',
    async ({ host }, name) => (await host.identities.create({ organization, name })).identity,
  ],
  ['a static token', ({ host, key }, name) => host.staticTokens.create({ ...key, name })],
  [
    'an identity that is renamed',
    ({ host, identity: { id } }, name) => host.identities.update({ organization, id, name }),
  ],
  [
    'an organization that is renamed',
    ({ host }, name) => host.organizations.update({ id: organization, name }),
  ],
]

const BAD_NAMES: readonly unknown[] = [
  'a\u202Eb',
  'a\u2066b',
  'a\u200Bb',
  'a\u200Db',
  '\uFEFFa',
  'a\u00ADb',
  'a\u0000',
  'a\nb',
  'a\u001B[31m',
  'a\u007F',
  '\u2028a',
  '\uD800',
  '\u3164',
  'x'.repeat(300),
  ' admin',
  'admin\u00A0',
  '',
  null,
  42,
  ['a'],
]

describe('the name of', () => {
  test.each(named)('INP-004 %s is refused where it could pass for another one', async (_, make) => {
    const given = await aFullWorkload()
    for (const name of BAD_NAMES)
      await expect(make(given, name as never)).rejects.toMatchObject(
        refusal(expect.stringMatching(/^name (must|is)/)),
      )
  })

  test.each(named)('INP-004 %s is kept in its normal form', async (_, make) => {
    const given = await aFullWorkload()
    const kept = [
      ['Zoe\u0308', 'Zo\u00EB'],
      ['\u212B', '\u00C5'],
      ['\u0430dmin', '\u0430dmin'],
      ['🚀 deploy', '🚀 deploy'],
      ['x'.repeat(256), 'x'.repeat(256)],
    ]
    for (const [name, shown] of kept)
      expect(await make(given, name as never)).toMatchObject({ name: shown })
  })

  test('INP-004 an identity is found by any spelling of it', async () => {
    const { host } = await aWorkload({ identity: { name: 'Zoe\u0308' } })
    for (const name of ['Zo\u00EB', 'Zoe\u0308'])
      expect((await host.identities.list({ organization, name })).items.length).toBe(1)
    expect((await host.identities.list({ organization, name: 'Zoe' })).items).toEqual([])
  })
})

describe('a slug', () => {
  test('INP-004 is ASCII in small letters, and the only one of its organization', async () => {
    const { host } = await aWorkload({ identity: { slug: 'admin' } })
    const taken = host.identities.create({ organization, name: 'x', slug: 'admin' })
    await expect(taken).rejects.toMatchObject({ code: 'conflict' })
    const letters = ['\u0430dmin', 'Admin', 'admın', 'adm\u200Bin', 'ﬁ', 'ADMIN', 'K']
    for (const slug of [...letters, 'a b', '🚀', '', '../a', 'x'.repeat(65), 'a\n', 1])
      await expect(
        host.identities.create({ organization, name: 'x', slug: slug as never }),
      ).rejects.toMatchObject(refusal(expect.stringMatching(/^slug must be/)))
  })

  test('INP-004 of a role, and the id of an organization, are ASCII as well', async () => {
    const { host } = anEngine()
    await host.organizations.create({ id: organization, name: 'Acme' })
    for (const text of ['\u0430dmin', 'adm\u200Bin', 'a\u202E', 'é']) {
      const role = host.identities.create({ organization, name: 'x', role: text })
      await expect(role).rejects.toMatchObject(refusal(expect.stringMatching(/^role must be/)))
      const id = host.organizations.create({ id: text, name: 'x' })
      await expect(id).rejects.toMatchObject(refusal(expect.stringMatching(/^id must be/)))
      expect(() => anEngine().countersign.asHost(`job ${text.slice(-1)}\u202E`)).toThrow(TypeError)
    }
  })
})

describe('an answer that nobody awaits or looks at', () => {
  test('INP-008 is a promise, which is nobody and manages nothing', async () => {
    const { countersign, accessToken } = await loggedIn()
    const forgotten = countersign.authenticate(accessToken, HOME)
    expect(forgotten).toBeInstanceOf(Promise)
    expect(['identity', 'kind', 'organization'].filter((name) => name in forgotten)).toEqual([])
    expect(() => countersign.as(forgotten as never)).toThrow(TypeError)
    await forgotten
  })

  test('INP-008 rejects where it denies, so that a process cannot overlook it', async () => {
    const { countersign } = await loggedIn()
    const heard: unknown[] = []
    const hear = (error: unknown): void => void heard.push(error)
    process.on('unhandledRejection', hear)
    void countersign.authenticate('forged', HOME)
    for (let turn = 0; turn < 5 && heard.length === 0; turn += 1)
      await new Promise((resolve) => setImmediate(resolve))
    process.off('unhandledRejection', hear)
    expect(heard).toMatchObject([{ code: 'invalid_token' }])
  })

  test('INP-008 as the error of tryAuthenticate() has nothing of a principal', async () => {
    const { countersign, accessToken } = await loggedIn()
    const denied = await countersign.tryAuthenticate('forged', HOME)
    expect(isCountersignError(denied)).toBe(true)
    const principal = await countersign.tryAuthenticate(accessToken, HOME)
    const shared = Object.keys(principal).filter((name) => name in denied && name !== 'name')
    expect(shared).toEqual([])
    for (const impostor of [denied, { ...principal }, undefined, null, true])
      expect(() => countersign.as(impostor as never)).toThrow(TypeError)
  })
})
