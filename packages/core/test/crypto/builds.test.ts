import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import * as web from '../../src/crypto/default.ts'
import * as node from '../../src/crypto/node.ts'
import type { JsonWebKey, SigningAlgorithm } from '../../src/crypto/types.ts'
import { seededBytes } from '../lib/random.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const utf8 = (text: string) => new TextEncoder().encode(text)
const algorithms: readonly SigningAlgorithm[] = ['EdDSA', 'ES256', 'RS256', 'HS256']
const builds = [
  ['node', node],
  ['default', web],
] as const

describe.each(builds)('the %s build', (_, build) => {
  test('sha256() answers the vectors of FIPS 180-4', () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    expect(hex(build.sha256('abc'))).toBe(abc)
    expect(hex(build.sha256(utf8('abc')))).toBe(abc)
    expect(hex(build.sha256(''))).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    )
  })

  test.each([
    [
      new Uint8Array(20).fill(0x0b),
      'Hi There',
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      utf8('Jefe'),
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      new Uint8Array(131).fill(0xaa),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('hmacSha256() answers the vectors of RFC 4231', (key, data, expected) => {
    expect(hex(build.hmacSha256(key, data))).toBe(expected)
    expect(hex(build.hmacSha256(key, utf8(data)))).toBe(expected)
  })

  test('hkdfSha256() answers test case 3 of RFC 5869', () => {
    const expected =
      '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'
    const key = new Uint8Array(22).fill(0x0b)
    expect(hex(build.hkdfSha256(key, '', 42))).toBe(expected)
    expect(hex(build.hkdfSha256(key, '', 42, new Uint8Array(0)))).toBe(expected)
  })

  test('equalBytes() tells equal bytes from different ones and different lengths', () => {
    expect(build.equalBytes(utf8('abc'), utf8('abc'))).toBe(true)
    expect(build.equalBytes(utf8('abc'), utf8('abd'))).toBe(false)
    expect(build.equalBytes(utf8('abc'), utf8('ab'))).toBe(false)
    expect(build.equalBytes(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  })

  test('randomBytes() answers as many bytes as asked for, beyond one draw of WebCrypto too', () => {
    for (const size of [0, 1, 32, 70_000]) expect(build.randomBytes(size)).toHaveLength(size)
    expect(
      build
        .randomBytes(70_000)
        .subarray(65_536)
        .some((byte) => byte !== 0),
    ).toBe(true)
  })

  test('every digest and cipher answers a plain Uint8Array', async () => {
    const key = new Uint8Array(32)
    const iv = new Uint8Array(12)
    const sealed = await build.sealAesGcm(key, iv, utf8('x'), iv)
    const answers = [
      build.sha256('x'),
      build.hmacSha256(key, 'x'),
      build.hkdfSha256(key, 'x', 16),
      build.randomBytes(4),
      sealed,
      await build.openAesGcm(key, iv, sealed, iv),
    ]
    for (const answer of answers) expect(Object.getPrototypeOf(answer)).toBe(Uint8Array.prototype)
  })

  test('sealAesGcm() answers test cases 13 and 14 of the GCM specification', async () => {
    const [key, iv, none] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(0)]
    expect(hex(await build.sealAesGcm(key, iv, none, none))).toBe(
      '530f8afbc74536b9a963b4f1c4cb738b',
    )
    expect(hex(await build.sealAesGcm(key, iv, new Uint8Array(16), none))).toBe(
      'cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919',
    )
  })

  test('openAesGcm() answers nothing when a bit of anything is turned', async () => {
    const random = seededBytes(1)
    const [key, iv, aad, text] = [random(32), random(12), random(9), random(40)]
    const sealed = await build.sealAesGcm(key, iv, text, aad)
    expect(await build.openAesGcm(key, iv, sealed, aad)).toEqual(text)
    for (let index = 0; index < sealed.length; index += 1)
      expect(await build.openAesGcm(key, iv, turned(sealed, index), aad)).toBeUndefined()
    expect(await build.openAesGcm(turned(key, 0), iv, sealed, aad)).toBeUndefined()
    expect(await build.openAesGcm(key, turned(iv, 0), sealed, aad)).toBeUndefined()
    expect(await build.openAesGcm(key, iv, sealed, turned(aad, 0))).toBeUndefined()
    expect(await build.openAesGcm(key, iv, sealed.subarray(0, 15), aad)).toBeUndefined()
  })

  test('sealAesGcm() refuses a short key and a nonce of another length', async () => {
    const none = new Uint8Array(0)
    await expect(async () =>
      build.sealAesGcm(new Uint8Array(16), new Uint8Array(12), none, none),
    ).rejects.toThrow(TypeError)
    await expect(async () =>
      build.openAesGcm(new Uint8Array(32), new Uint8Array(16), none, none),
    ).rejects.toThrow(TypeError)
  })

  test('createSign() answers the Ed25519 signature of RFC 8037, A.4', async () => {
    const sign = await build.createSign(rfc8037Key, 'EdDSA')
    const signature = await sign(utf8(RFC_8037_INPUT))
    expect(Buffer.from(signature).toString('base64url')).toBe(RFC_8037_SIGNATURE)
    const verify = await build.createVerify(build.toPublicJwk(rfc8037Key), 'EdDSA')
    expect(await verify(utf8(RFC_8037_INPUT), signature)).toBe(true)
  })

  test.each(algorithms)(
    'createVerify() accepts what createSign() made, with %s',
    async (algorithm) => {
      const jwk = await build.generateSigningJwk(algorithm)
      const signature = await (await build.createSign(jwk, algorithm))(utf8('data'))
      const verify = await build.createVerify(jwk, algorithm)
      expect(await verify(utf8('data'), signature)).toBe(true)
      expect(await verify(utf8('date'), signature)).toBe(false)
      expect(await verify(utf8('data'), turned(signature, 5))).toBe(false)
      expect(await verify(utf8('data'), new Uint8Array(0))).toBe(false)
      expect(await verify(utf8('data'), signature.subarray(1))).toBe(false)
      if (algorithm === 'ES256') expect(signature).toHaveLength(64)
    },
  )

  test.each(algorithms)(
    'createVerify() refuses a key of another type for %s',
    async (algorithm) => {
      for (const other of algorithms.filter((name) => name !== algorithm)) {
        const jwk = await node.generateSigningJwk(other)
        await expect(async () => build.createVerify(jwk, algorithm)).rejects.toThrow(TypeError)
        await expect(async () => build.createSign(jwk, algorithm)).rejects.toThrow(TypeError)
      }
    },
  )

  test.each<[string, JsonWebKey, SigningAlgorithm]>([
    ['without a type', {}, 'EdDSA'],
    ['of another curve', { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) }, 'EdDSA'],
    ['for encryption', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43), use: 'enc' }, 'EdDSA'],
    ['for another algorithm', { kty: 'oct', k: 'A'.repeat(86), alg: 'HS512' }, 'HS256'],
    ['of no bytes', { kty: 'oct', k: '' }, 'HS256'],
    ['of 1024 bits', { kty: 'RSA', n: 'w'.repeat(171), e: 'AQAB' }, 'RS256'],
    ['without a coordinate', { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43) }, 'ES256'],
    ['off its curve', { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) }, 'ES256'],
  ])('createVerify() refuses a key %s', async (_name, jwk, algorithm) => {
    await expect(async () => build.createVerify(jwk, algorithm)).rejects.toThrow(TypeError)
  })

  test('toPublicJwk() keeps public members only, and refuses a symmetric key', async () => {
    for (const algorithm of ['EdDSA', 'ES256', 'RS256'] as const) {
      const jwk = {
        ...(await build.generateSigningJwk(algorithm)),
        kid: 'k',
        ext: true,
        extra: 'x',
      }
      const members = Object.keys(build.toPublicJwk(jwk))
      const allowed = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid']
      expect(members.filter((member) => !allowed.includes(member))).toEqual([])
    }
    const symmetric = await build.generateSigningJwk('HS256')
    expect(() => build.toPublicJwk(symmetric)).toThrow(TypeError)
    expect(() => build.toPublicJwk({})).toThrow(TypeError)
  })
})

describe('the two builds together', () => {
  test('sha256(), hmacSha256() and hkdfSha256() answer the same for random inputs', () => {
    const random = seededBytes(2)
    for (let size = 0; size < 300; size += 7) {
      const [key, data] = [random(size), random(size)]
      expect(web.sha256(data)).toEqual(node.sha256(data))
      expect(web.hmacSha256(key, data)).toEqual(node.hmacSha256(key, data))
      const salt = random(size % 33)
      expect(web.hkdfSha256(key, 'día', 50, salt)).toEqual(node.hkdfSha256(key, 'día', 50, salt))
    }
    for (const text of ['é€😀', '\uD800', '']) expect(web.sha256(text)).toEqual(node.sha256(text))
  })

  test('openAesGcm() of one opens what the other sealed', async () => {
    const random = seededBytes(3)
    const [key, iv, aad] = [random(32), random(12), random(5)]
    for (const text of [random(0), random(1), random(1000)]) {
      const sealed = await node.sealAesGcm(key, iv, text, aad)
      expect(await web.sealAesGcm(key, iv, text, aad)).toEqual(sealed)
      expect(await web.openAesGcm(key, iv, sealed, aad)).toEqual(text)
    }
  })

  test.each(algorithms)(
    'createVerify() of one accepts a signature of the other, with %s',
    async (algorithm) => {
      for (const [maker, checker] of [
        [node, web],
        [web, node],
      ] as const) {
        const jwk = await maker.generateSigningJwk(algorithm)
        const signature = await (await maker.createSign(jwk, algorithm))(utf8('data'))
        const published = algorithm === 'HS256' ? jwk : checker.toPublicJwk(jwk)
        const verify = await checker.createVerify(published, algorithm)
        expect(await verify(utf8('data'), signature)).toBe(true)
      }
    },
  )

  test.each(algorithms)(
    'generateSigningJwk() answers the same members, for %s',
    async (algorithm) => {
      const [ours, theirs] = [
        await node.generateSigningJwk(algorithm),
        await web.generateSigningJwk(algorithm),
      ]
      expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort())
    },
  )

  test('both export the same names', () => {
    expect(Object.keys(web).sort()).toEqual(Object.keys(node).sort())
  })
})

const RFC_8037_INPUT = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
const RFC_8037_SIGNATURE =
  'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'
const rfc8037Key: JsonWebKey = {
  kty: 'OKP',
  crv: 'Ed25519',
  d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
  x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
}

function turned(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.map((byte, at) => (at === index ? byte ^ 1 : byte))
}
