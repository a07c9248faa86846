import { describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/memory/memory-storage.ts'
import { Rejection } from '../../src/plugin.ts'
import { createCountersignWith } from '../../src/runtime.ts'
import { START } from '../support/clock.ts'
import { anEngine, ISSUER, OTHER_ROOT_KEY, ROOT_KEY } from '../support/engine.ts'
import { expectNoSecret } from '../support/refusal.ts'
import { createHandRuntime } from '../support/runtime.ts'

const usual = { issuer: ISSUER, rootKeys: [ROOT_KEY], storage: memoryStorage() }

/** The sentence that a mistake in the options is answered with. */
function refusalOf(options: object): string {
  try {
    createCountersignWith(
      createHandRuntime(() => START),
      { ...usual, ...options } as never,
    )
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_request' })
    expectNoSecret({ canaries: new Set([ROOT_KEY, OTHER_ROOT_KEY, 'canary']) }, error)
    return (error as Error).message
  }
  return 'accepted'
}

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
const drawn = Uint8Array.from(Buffer.from(ROOT_KEY, 'base64url'))

describe('createCountersign()', () => {
  test.each([
    'https://id.example.com',
    'https://id.example.com/tenant/',
    'http://localhost:4400',
    'http://127.0.0.1',
    'http://[::1]:1',
  ])('takes the issuer %s as it is written', (issuer) => {
    expect(anEngine({ issuer }).countersign.issuer).toBe(issuer)
  })

  test.each([
    '',
    'id.example.com',
    'http://id.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'https://id.example.com?x=1',
    'https://id.example.com#x',
    'https://id.example.com?',
    'https://user@id.example.com',
    'ftp://id.example.com',
    'javascript:alert(1)',
    undefined,
    1,
  ])('refuses the issuer %j', (issuer) => {
    expect(refusalOf({ issuer })).toMatch(/^issuer (must be|is required)/)
  })

  const wrongKeys: readonly (readonly [string, unknown, string | RegExp])[] = [
    ['no list', 'canary', 'rootKeys must be a list of keys, newest first'],
    ['an empty list', [], 'rootKeys must hold at least one key: 32 random bytes in base64url'],
    ['a missing variable', [undefined], 'rootKeys[0] must be base64url without padding'],
    ['four keys', Array(4).fill(ROOT_KEY), 'rootKeys must hold at most 3 keys'],
    ['the empty text', [''], 'rootKeys[0] must be exactly 32 bytes'],
    ['the text "secret"', ['secret'], /^rootKeys\[0\] must be/],
    ['16 zero bytes', [encode(new Uint8Array(16))], 'rootKeys[0] must be exactly 32 bytes'],
    ['a short key', [encode(drawn.slice(1))], 'rootKeys[0] must be exactly 32 bytes'],
    ['a key in base64', [`${ROOT_KEY}=`], 'rootKeys[0] must be base64url without padding'],
    ['the text "canary"', ['canary canary'], 'rootKeys[0] must be base64url without padding'],
  ]

  test.each(wrongKeys)(
    'KEY-009 refuses %s as root keys, and repeats none of it',
    (_, rootKeys, message) => {
      expect(refusalOf({ rootKeys })).toMatch(message)
    },
  )

  test.each([
    ['equal bytes', new Uint8Array(32).fill(7)],
    ['zeros', new Uint8Array(32)],
    ['bytes that count up', Uint8Array.from({ length: 32 }, (_, index) => index)],
    ['a half that is repeated', Uint8Array.from([...drawn.slice(16), ...drawn.slice(16)])],
    ['a text', new TextEncoder().encode('correct horse battery staple 123')],
  ])('KEY-009 refuses %s for a placeholder, wherever it stands', (_, bytes) => {
    const sentence = 'must be random; this one looks like a placeholder'
    expect(refusalOf({ rootKeys: [encode(bytes)] })).toBe(`rootKeys[0] ${sentence}`)
    expect(refusalOf({ rootKeys: [ROOT_KEY, encode(bytes)] })).toBe(`rootKeys[1] ${sentence}`)
  })

  test.each([
    [{ rootKey: [ROOT_KEY] }, 'The input has an unknown member rootKey'],
    [{ colour: 1, 'a canary': 2 }, 'The input has an unknown member colour'],
    [{ maxTokenAge: 0 }, 'maxTokenAge must be at least 1 second'],
    [{ maxTokenAge: '90d' }, 'maxTokenAge must be a whole number'],
    [{ cacheTtl: -1 }, 'cacheTtl must be at least 0'],
    [{ cacheTtl: 61 }, 'cacheTtl must be at most 60'],
    [{ prefix: 'CST' }, 'prefix must be 2 to 16 characters out of a-z 0-9'],
    [{ prefix: 'a_b' }, 'prefix must be 2 to 16 characters out of a-z 0-9'],
    [{ trustedProxies: [] }, /^trustedProxies must not be empty/],
    [{ trustedProxies: ['10.0.0.0/33'] }, /^trustedProxies\[0\] must be an IPv4 or IPv6 address/],
    [{ trustedProxies: true }, 'trustedProxies must be a list'],
    [{ sinks: {} }, 'sinks must be a list of sinks'],
    [{ verifiers: {} }, 'verifiers must be a list of verifiers'],
    [{ storage: undefined }, 'storage is required'],
    [{ storage: 'memory' }, 'storage must be an object'],
  ])('refuses %j', (options, message) => {
    expect(refusalOf(options)).toMatch(message)
  })

  test('refuses a second verifier of the same name', () => {
    const { verifiers } = { verifiers: [aVerifier('phrase'), aVerifier('phrase')] }
    expect(refusalOf({ verifiers })).toBe('verifiers must have methods of different names')
    expect(refusalOf({ verifiers: [aVerifier('universal')] })).toMatch(/^verifiers must/)
  })

  test('mints secrets that begin with the prefix', async () => {
    const { host } = anEngine({ prefix: 'acme' })
    const { id: organization } = await host.organizations.create({ name: 'Acme' })
    const { identity } = await host.identities.create({
      organization,
      name: 'x',
      authMethod: { method: 'universal' },
    })
    const secret = await host.clientSecrets.create({ organization, identity: identity.id })
    expect(secret.clientSecret).toMatch(/^acme_cs_[0-9A-Za-z]{49}$/)
  })
})

describe('sourceOf()', () => {
  test("believes the socket alone, and a proxy's list only behind a trusted one", () => {
    const plain = anEngine().countersign
    const proxied = anEngine({ trustedProxies: ['10.0.0.0/8'] }).countersign
    const peer = { address: '10.0.0.1', forwardedFor: '203.0.113.9, 198.51.100.7, 10.0.0.2' }
    expect(plain.sourceOf(peer)).toEqual({ address: '10.0.0.1' })
    expect(proxied.sourceOf(peer)).toEqual({ address: '198.51.100.7' })
    expect(proxied.sourceOf({ ...peer, address: '203.0.113.1' })).toEqual({
      address: '203.0.113.1',
    })
    expect(proxied.sourceOf({ ...peer, forwardedFor: 'unknown' })).toEqual({})
    expect(plain.sourceOf({ requestId: 'r1', userAgent: 'a1' })).toEqual({
      requestId: 'r1',
      userAgent: 'a1',
    })
  })
})

function aVerifier(method: string) {
  const schema = { '~standard': { version: 1, vendor: 'test', validate: () => ({ value: {} }) } }
  return { method, policy: schema, credential: schema, verify: () => new Rejection('no') }
}
