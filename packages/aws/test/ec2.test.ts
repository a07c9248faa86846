import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { awsEc2 } from '@countersign/aws'
import { createHandler } from '@countersign/http'
import { anIdentity, bearerFor, testCountersign } from '@countersign/testing'
import { fakeAuthority, fakeEc2 } from '@countersign/testing/fakes'
import { describe, expect, test } from 'vitest'
import { AFTER, aFleet, DAY, NONCE, OTHER_NONCE } from './support/ec2.ts'
import { ACCOUNT, HOME } from './support/names.ts'
import { claimsOf, closing, refusalOf } from './support/world.ts'

describe('awsEc2()', () => {
  test('lets in what the metadata server signed, and tells of the instance', async () => {
    const { logIn, instance } = await aFleet()
    const put = { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' } }
    const session = await (await fetch(`${instance.url}/latest/api/token`, put)).text()
    const read = async (name: string) => {
      const headers = { 'x-aws-ec2-metadata-token': session }
      const folder = `${instance.url}/latest/dynamic/instance-identity`
      return (await fetch(`${folder}/${name}`, { headers })).text()
    }
    const { accessToken } = await logIn({ pkcs7: await read('rsa2048') })
    const { instanceId } = JSON.parse(await read('document'))
    expect(claimsOf(accessToken)['att']).toEqual({
      account: ACCOUNT,
      region: 'eu-west-1',
      instanceId,
      imageId: 'ami-5fb8c835',
      instanceType: 't3.micro',
      availabilityZone: 'eu-west-1b',
      pendingTime: '2026-03-01T12:00:00.000Z',
    })
    const bare = await fetch(`${instance.url}/latest/dynamic/instance-identity/rsa2048`)
    expect(bare.status).toBe(401)
  })

  test('lets the instance in again with its first nonce, and nobody with another', async () => {
    const { logIn, clock } = await aFleet()
    await logIn()
    clock.advance(DAY)
    await logIn()
    expect(await refusalOf(logIn({ nonce: OTHER_NONCE }))).toMatchObject({
      code: 'invalid_credential',
      reason: 'evidence_replayed',
    })
    await expect(logIn()).resolves.toBeDefined()
  })

  test('keeps the nonce over a restart, which has another document', async () => {
    const { logIn, clock, instance } = await aFleet()
    await logIn()
    clock.advance(DAY)
    const pkcs7 = instance.sign(instance.document({ pendingTime: '2026-03-02T12:00:00Z' }))
    expect(await refusalOf(logIn({ pkcs7, nonce: OTHER_NONCE }))).toMatchObject({
      reason: 'evidence_replayed',
    })
    await expect(logIn({ pkcs7 })).resolves.toBeDefined()
  })

  test('one nonce wins, however many show the document first at once', async () => {
    const { logIn } = await aFleet()
    const nonces = Array.from({ length: 10 }, (_, index) => `${index}`.padEnd(32, 'x'))
    const answers = await Promise.allSettled(nonces.map((nonce) => logIn({ nonce })))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  test('opens no second identity of an organization with another nonce, and none elsewhere is locked', async () => {
    const { logIn, attach } = await aFleet()
    await logIn()
    const second = await attach()
    expect(await refusalOf(logIn({ nonce: OTHER_NONCE }, second))).toMatchObject({
      reason: 'evidence_replayed',
    })
    await expect(logIn({}, second)).resolves.toBeDefined()
    const elsewhere = await attach({ accounts: [ACCOUNT] }, 'other')
    await expect(logIn({ nonce: OTHER_NONCE }, elsewhere)).resolves.toBeDefined()
  })

  test('leaves no nonce behind where a login is refused', async () => {
    const { logIn, attach } = await aFleet()
    const closed = await attach({ accounts: ['222222222222'] })
    expect(await refusalOf(logIn({ nonce: OTHER_NONCE }, closed))).toMatchObject({
      reason: 'account_not_allowed',
    })
    await expect(logIn()).resolves.toBeDefined()
  })

  test.each([
    [
      'instances',
      { accounts: [ACCOUNT], instances: ['i-0123456789abcdef0'] },
      'instance_not_allowed',
    ],
    ['images', { accounts: [ACCOUNT], images: ['ami-0123456789abcdef0'] }, 'image_not_allowed'],
    ['regions', { accounts: [ACCOUNT], regions: ['eu-central-1'] }, 'region_not_allowed'],
    ['accounts', { accounts: ['222222222222'] }, 'account_not_allowed'],
  ])('refuses an instance that is not among the %s', async (_name, policy, reason) => {
    const { logIn, attach } = await aFleet()
    expect(await refusalOf(logIn({}, await attach(policy)))).toMatchObject({ reason })
  })

  test('lets an instance in until its last second since it was started', async () => {
    const { logIn, attach, clock } = await aFleet()
    const identity = await attach({ accounts: [ACCOUNT], maxAge: 600 })
    clock.advance(599)
    await logIn({}, identity)
    clock.advance(1)
    expect(await refusalOf(logIn({}, identity))).toMatchObject({ reason: 'instance_too_old' })
  })

  test('a year is enough where the policy says nothing', async () => {
    const { logIn, clock } = await aFleet()
    clock.advance(365 * DAY - 1)
    await logIn()
    clock.advance(1)
    expect(await refusalOf(logIn())).toMatchObject({ reason: 'instance_too_old' })
  })
})

describe('what AWS did not sign', () => {
  test('a document that was changed, or signed by another key, is refused', async () => {
    const { logIn, instance } = await aFleet()
    const honest = Buffer.from(instance.sign(), 'base64').toString('latin1')
    const changed = Buffer.from(honest.replace('t3.micro', 't3.large'), 'latin1')
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    for (const pkcs7 of [
      changed.toString('base64'),
      instance.sign(instance.document(), privateKey),
    ])
      expect(await refusalOf(logIn({ pkcs7 }))).toMatchObject({ reason: 'bad_signature' })
  })

  test('a key signs for its own region alone', async () => {
    const other = closing(await fakeEc2({ now: AFTER(0), region: 'eu-central-1' }))
    const { logIn, instance } = await aFleet({ 'eu-central-1': other.certificate })
    const pkcs7 = instance.sign(instance.document({ region: 'eu-central-1' }))
    expect(await refusalOf(logIn({ pkcs7 }))).toMatchObject({ reason: 'bad_signature' })
    await expect(logIn({ pkcs7: other.sign() })).resolves.toBeDefined()
    const unknown = instance.sign(instance.document({ region: 'ap-south-1' }))
    expect(await refusalOf(logIn({ pkcs7: unknown }))).toMatchObject({ reason: 'unknown_region' })
  })

  test('a document is read strictly', async () => {
    const { logIn, instance } = await aFleet()
    const text = instance.document()
    const twice = text.replace('{', '{"accountId":"222222222222",')
    const cases = [twice, text.replace(/"instanceId":"[^"]+",/, ''), '[]', 'no json', `${text}x`]
    for (const document of cases)
      expect(await refusalOf(logIn({ pkcs7: instance.sign(document) }))).toMatchObject({
        reason: 'document_malformed',
      })
  })

  test('no byte of what was signed may be missing, and none may follow', async () => {
    const { logIn, instance } = await aFleet()
    const whole = Buffer.from(instance.sign(), 'base64')
    const cut = [1, 2, 5, 40, whole.length - 1].map((length) => whole.subarray(0, length))
    for (const bytes of [...cut, Buffer.concat([whole, Buffer.from([5, 0])])])
      expect(await refusalOf(logIn({ pkcs7: bytes.toString('base64') }))).toMatchObject({
        code: 'invalid_credential',
        reason: 'signature_malformed',
      })
  })
})

describe('what OpenSSL signs', () => {
  /** CMS is PKCS7 here; `-nocerts` as AWS has it. */
  function signByOpenssl(document: string, options: readonly string[]) {
    const folder = mkdtempSync(join(tmpdir(), 'ec2-'))
    try {
      const file = (name: string) => join(folder, name)
      const key = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const cert = fakeAuthority().certify('ec2.amazonaws.com', key.publicKey)
      writeFileSync(file('key'), key.privateKey.export({ type: 'pkcs8', format: 'pem' }))
      writeFileSync(file('cert'), cert)
      writeFileSync(file('document'), document)
      const words = ['-in', file('document'), '-signer', file('cert'), '-inkey', file('key')]
      const signed = execFileSync('openssl', [
        ...['cms', '-sign', '-binary', '-outform', 'DER', '-md', 'sha256'],
        ...words,
        ...options,
      ])
      return { cert, pkcs7: signed.toString('base64') }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  test.each([
    ['with the content inside', ['-nodetach', '-nocerts'], undefined],
    [
      'with certificates beside it, in parts of indefinite length',
      ['-nodetach', '-stream'],
      undefined,
    ],
    ['without attributes', ['-nodetach', '-noattr'], 'signature_malformed'],
    ['apart from the content', [], 'signature_malformed'],
    ['with another digest', ['-nodetach', '-md', 'sha1'], 'signature_malformed'],
  ])('%s', async (_name, options, reason) => {
    const { instance } = await aFleet()
    const { cert, pkcs7 } = signByOpenssl(instance.document(), options)
    const { logIn } = await aFleet({ 'eu-west-1': cert })
    if (reason === undefined) await expect(logIn({ pkcs7 })).resolves.toBeDefined()
    else expect(await refusalOf(logIn({ pkcs7 }))).toMatchObject({ reason })
  })
})

describe('awsEc2() itself', () => {
  test('takes certificates of RSA-2048 alone', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    for (const key of [weak, curve])
      expect(() =>
        awsEc2({ certificates: { 'eu-west-1': fakeAuthority().certify('x', key) } }),
      ).toThrow(/RSA-2048 alone/)
    expect(() => awsEc2({ certificates: { 'eu-west-1': 'none' } })).toThrow(/eu-west-1/)
    expect(() => awsEc2({ certificates: {} })).toThrow(TypeError)
  })

  test('a certificate that has ended proves nothing', async () => {
    const { logIn, clock, instance } = await aFleet()
    clock.advance(25 * 365 * DAY)
    const pkcs7 = instance.sign(instance.document({ pendingTime: '2051-01-01T00:00:00Z' }))
    expect(await refusalOf(logIn({ pkcs7 }))).toMatchObject({ reason: 'certificate_not_valid' })
  })

  test('a policy names a region that has a certificate', async () => {
    const { attach } = await aFleet()
    expect(
      await refusalOf(attach({ accounts: [ACCOUNT], regions: ['mars-north-1'] })),
    ).toMatchObject({ code: 'invalid_request' })
  })
})

describe('aws-ec2-auth over HTTP', () => {
  test('is attached, and logged in by once for each nonce', async () => {
    const instance = closing(await fakeEc2({ now: AFTER(0) }))
    const verifier = awsEc2({ certificates: { 'eu-west-1': instance.certificate } })
    const countersign = testCountersign({ verifiers: [verifier], rateLimits: 'off' })
    countersign.clock.set(AFTER(0)())
    const host = countersign.asHost('test')
    await host.organizations.create({ id: 'acme', name: 'Acme' })
    const { identity } = await host.identities.create({ organization: 'acme', name: 'web' })
    const admin = await anIdentity(countersign, { organization: 'acme', role: 'admin' })
    const { authorization } = await bearerFor(countersign, admin)
    const handler = createHandler(countersign)
    const post = async (path: string, body: object) => {
      const request = new Request(`https://id.example.com/api/v1/auth/aws-ec2-auth/${path}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      return (await handler.handle(request, HOME))?.status
    }
    expect(await post(`identities/${identity.id}`, { allowedAccountIds: '' })).toBe(400)
    expect(await post(`identities/${identity.id}`, { allowedAccountIds: ACCOUNT })).toBe(200)
    const login = { identityId: identity.id, pkcs7: instance.sign(), nonce: NONCE }
    expect(await post('login', login)).toBe(200)
    expect(await post('login', login)).toBe(200)
    expect(await post('login', { ...login, nonce: OTHER_NONCE })).toBe(401)
    expect(await post('login', { ...login, nonce: 'short' })).toBe(400)
  })
})
