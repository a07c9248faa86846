import { describe, expect, test } from 'vitest'
import { RING_TTL } from '../../src/engine/key-ring.ts'
import { PUBLISH_LEAD } from '../../src/engine/rotate-keys.ts'
import { importVerifyingKey } from '../../src/lib/signing-key.ts'
import { days, hours, minutes } from '../../src/lib/time.ts'
import { at } from '../support/clock.ts'
import type { TestEngine } from '../support/engine.ts'
import { anEngine } from '../support/engine.ts'
import { aSigner } from '../support/signer.ts'
import { readToken } from '../support/token.ts'
import type { Workload } from '../support/workload.ts'
import { aWorkload, HOME, loggedIn } from '../support/workload.ts'

const keysOf = ({ countersign }: Pick<TestEngine, 'countersign'>) =>
  countersign.asHost('test').signingKeys
const kidOf = (token: string) => String(readToken(token).header['kid'])
const published = async ({ countersign }: Pick<TestEngine, 'countersign'>) =>
  (await countersign.jwks()).keys.map(({ kid }) => kid)

/** A second node beside a workload's engine, and what it says of a token. */
function beside(workload: Workload) {
  const node = anEngine({ beside: workload })
  return { ...node, says: (token: string) => node.countersign.tryAuthenticate(token, HOME) }
}

describe('rotation under traffic', () => {
  test('refuses no valid token and accepts none of a retired key, for two nodes and a day', async () => {
    const engine = anEngine({ maxTokenAge: hours(2), signing: { rotateEvery: hours(3) } })
    const workload = await aWorkload({ engine, tokenPolicy: { ttl: hours(2) } })
    const { clock, countersign, login } = workload
    const other = anEngine({ beside: workload, maxTokenAge: hours(2) })
    const issued: { readonly token: string; readonly expiresAt: Date }[] = []
    const kids = new Set<string>()
    for (let tick = 0; tick < 288; tick += 1) {
      await countersign.maintain()
      const { accessToken, expiresAt } = await login()
      issued.push({ token: accessToken, expiresAt })
      kids.add(kidOf(accessToken))
      for (const { token } of issued.filter((each) => clock.now() < each.expiresAt))
        for (const node of [countersign, other.countersign])
          expect(await node.tryAuthenticate(token, HOME)).toMatchObject({ kind: 'identity' })
      for (const { token } of issued.filter((each) => clock.now() >= each.expiresAt).slice(-3))
        expect(await countersign.tryAuthenticate(token, HOME)).toMatchObject({
          code: 'invalid_token',
        })
      clock.advance(minutes(5))
    }
    expect(kids.size).toBeGreaterThanOrEqual(6)
    expect((await keysOf(workload).list()).length).toBeLessThan(kids.size)
  })

  test('refuses a retired key, however long the token says that it lives', async () => {
    const engine = anEngine({ maxTokenAge: hours(2) })
    const workload = await aWorkload({ engine, tokenPolicy: { ttl: hours(1) } })
    const { key, clock } = workload
    // A node of another opinion about the longest life signs with the same key.
    const lenient = anEngine({ beside: workload, maxTokenAge: days(30) })
    const tokenPolicy = { ttl: days(9), maxTtl: days(9) }
    await lenient.host.authMethods.update({ ...key, method: 'universal', tokenPolicy })
    const request = {
      method: 'universal',
      identity: workload.identity.id,
      credential: { clientSecret: workload.secret.clientSecret },
    } as const
    const { accessToken } = await lenient.countersign.login(request, HOME)
    await keysOf(workload).rotate()
    const [old] = await keysOf(workload).list()
    expect(old?.retiresAt).toEqual(at(PUBLISH_LEAD + hours(2)))
    clock.advance(PUBLISH_LEAD + hours(2) - 1)
    const present = await lenient.countersign.tryAuthenticate(accessToken, HOME)
    expect(present).toMatchObject({ kind: 'identity' })
    clock.advance(1)
    // A node that saw the token before forgets it when the key is swept; another one never believes it.
    await lenient.countersign.maintain()
    const newcomer = anEngine({ beside: workload, maxTokenAge: days(30) })
    for (const { countersign } of [lenient, newcomer])
      expect(await countersign.tryAuthenticate(accessToken, HOME)).toMatchObject({
        reason: 'unknown_key',
      })
  })
})

describe('signingKeys', () => {
  test('rotate() publishes, activates and retires, each when everybody can know it', async () => {
    const workload = await loggedIn()
    const { clock, login } = workload
    const [first] = await keysOf(workload).list()
    const next = await keysOf(workload).rotate()
    expect(next).toMatchObject({ phase: 'published', activeFrom: at(PUBLISH_LEAD) })
    const phases = async () => (await keysOf(workload).list()).map(({ phase }) => phase)
    expect(await phases()).toEqual(['active', 'published'])
    expect(await published(workload)).toEqual([first?.kid, next.kid])
    clock.set(new Date(at(PUBLISH_LEAD).getTime() - 1))
    expect(kidOf((await login()).accessToken)).toBe(first?.kid)
    clock.set(at(PUBLISH_LEAD))
    expect(kidOf((await login()).accessToken)).toBe(next.kid)
    expect(await phases()).toEqual(['retiring', 'active'])
    expect(await published(workload)).toEqual([first?.kid, next.kid])
    clock.advance(days(90))
    expect(await phases()).toEqual(['retired', 'active'])
    expect(await published(workload)).toEqual([next.kid])
    await workload.countersign.maintain()
    expect((await keysOf(workload).list()).map(({ kid }) => kid)).not.toContain(first?.kid)
  })

  test('rotate() is a conflict while a rotation is under way, and makes one key', async () => {
    const workload = await aWorkload()
    const node = beside(workload)
    const settled = await Promise.allSettled([
      keysOf(workload).rotate(),
      keysOf(node).rotate(),
      keysOf(workload).rotate(),
    ])
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await keysOf(workload).list()).toHaveLength(2)
    await expect(keysOf(node).rotate()).rejects.toMatchObject({ code: 'conflict' })
  })

  test('maintain() rotates when a key has signed long enough, once for all nodes', async () => {
    const workload = await aWorkload({ engine: anEngine({ signing: { rotateEvery: hours(1) } }) })
    const nodes = [
      workload.countersign,
      anEngine({ beside: workload, signing: { rotateEvery: hours(1) } }).countersign,
    ]
    for (const node of nodes) await node.ready()
    workload.clock.advance(hours(1) - 1)
    for (const node of nodes) await node.maintain()
    expect(await keysOf(workload).list()).toHaveLength(1)
    workload.clock.advance(1)
    await Promise.all(nodes.map((node) => node.maintain()))
    for (const node of nodes) await node.maintain()
    expect(await keysOf(workload).list()).toHaveLength(2)
  })

  test('KEY-005 revoke() ends every token of a key at once, and another key signs', async () => {
    const workload = await loggedIn()
    const { accessToken, denied, login, authenticate } = workload
    await authenticate()
    const kid = kidOf(accessToken)
    await keysOf(workload).revoke({ kid })
    expect((await denied(HOME, accessToken, 'reported')).reason).toBe('unknown_key')
    expect(await published(workload)).not.toContain(kid)
    const again = await login()
    expect(kidOf(again.accessToken)).not.toBe(kid)
    await expect(authenticate(HOME, again.accessToken)).resolves.toBeDefined()
    await expect(keysOf(workload).revoke({ kid })).rejects.toMatchObject({ code: 'not_found' })
  })

  test('revoke() of the active key lets another sign before the published one is due', async () => {
    const workload = await loggedIn()
    const next = await keysOf(workload).rotate()
    await keysOf(workload).revoke({ kid: kidOf(workload.accessToken) })
    const { accessToken } = await workload.login()
    await expect(workload.authenticate(HOME, accessToken)).resolves.toBeDefined()
    expect((await keysOf(workload).list()).map(({ kid }) => kid)).toContain(next.kid)
  })

  test('are seen by the host alone', async () => {
    const { countersign, authenticate } = await loggedIn()
    const management = countersign.as(await authenticate())
    expect('signingKeys' in management || 'rootKeys' in management).toBe(false)
  })
})

describe('another node', () => {
  test('learns of a new key by its kid', async () => {
    const workload = await aWorkload()
    const node = beside(workload)
    await node.countersign.ready()
    await keysOf(workload).rotate({ lead: 0 })
    const { accessToken } = await workload.login()
    workload.clock.advance(1)
    node.calls.forget()
    expect(await node.says(accessToken)).toMatchObject({ kind: 'identity' })
    expect(node.calls.count('keys.list')).toBe(1)
  })

  test('reads the keys at most once a second, however many kids it does not know', async () => {
    const workload = await loggedIn()
    const node = beside(workload)
    await node.countersign.ready()
    workload.clock.advance(1)
    node.calls.forget()
    const { header, claims } = readToken(workload.accessToken)
    for (let count = 0; count < 50; count += 1) {
      const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
      const kid = `unknown-${count}`
      const forged = `${encode({ ...header, kid })}.${encode(claims)}.${'A'.repeat(86)}`
      expect(await node.says(forged)).toMatchObject({ reason: 'unknown_key' })
    }
    expect(node.calls.count('keys.list')).toBe(1)
  })

  test('signs with a new key when it is due, without being told', async () => {
    const workload = await aWorkload()
    const node = beside(workload)
    const signedBy = async () => {
      const request = {
        method: 'universal',
        identity: workload.identity.id,
        credential: { clientSecret: workload.secret.clientSecret },
      } as const
      return kidOf((await node.countersign.login(request, HOME)).accessToken)
    }
    const first = await signedBy()
    const next = await keysOf(workload).rotate()
    workload.clock.advance(RING_TTL - 1)
    expect(await signedBy()).toBe(first)
    workload.clock.set(at(PUBLISH_LEAD))
    expect(await signedBy()).toBe(next.kid)
  })

  test('KEY-005 refuses a revoked key as soon as it asks the authority about a login', async () => {
    const workload = await loggedIn()
    const node = beside(workload)
    expect(await node.says(workload.accessToken)).toMatchObject({ kind: 'identity' })
    await keysOf(workload).revoke({ kid: kidOf(workload.accessToken) })
    workload.clock.advance(1)
    expect(await node.says(workload.accessToken)).toMatchObject({
      code: 'invalid_token',
      reason: 'unknown_key',
    })
  })
})

describe('algorithms', () => {
  test.each(['EdDSA', 'ES256', 'RS256'] as const)(
    'KEY-008 %s tokens are checked by the public members of the JWKS alone',
    async (algorithm) => {
      const workload = await loggedIn({ engine: anEngine({ signing: { algorithm } }) })
      const { keys } = await workload.countersign.jwks()
      const secrets = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
      for (const key of keys) expect(secrets.filter((name) => name in key)).toEqual([])
      const [input = '', signature = ''] = workload.accessToken.split(/\.(?=[^.]*$)/)
      const key = keys.find(({ kid }) => kid === kidOf(workload.accessToken))
      const verify = await importVerifyingKey(key ?? { kty: 'none' }, algorithm)
      const bytes = (text: string, encoding: BufferEncoding) =>
        new Uint8Array(Buffer.from(text, encoding))
      expect(await verify(bytes(input, 'utf8'), bytes(signature, 'base64url'))).toBe(true)
      expect(readToken(workload.accessToken).header['alg']).toBe(algorithm)
      await expect(workload.authenticate()).resolves.toBeDefined()
    },
  )

  test('KEY-008 an HS256 key is never published', async () => {
    const engine = anEngine({ signing: { algorithm: 'HS256' } })
    const workload = await loggedIn({ engine })
    await keysOf(workload).rotate({ lead: 0 })
    expect(await workload.countersign.jwks()).toEqual({ keys: [] })
    await expect(workload.authenticate()).resolves.toBeDefined()
    const { accessToken } = await workload.login()
    await expect(workload.authenticate(HOME, accessToken)).resolves.toBeDefined()
  })

  test('another choice takes effect by a rotation, and tokens of both stay valid', async () => {
    const workload = await loggedIn()
    const node = anEngine({ beside: workload, signing: { algorithm: 'ES256' } })
    await node.countersign.maintain()
    const keys = await keysOf(workload).list()
    expect(keys.map(({ algorithm }) => algorithm)).toEqual(['EdDSA', 'ES256'])
    workload.clock.advance(PUBLISH_LEAD)
    const { accessToken } = await workload.login()
    expect(readToken(accessToken).header['alg']).toBe('ES256')
    for (const token of [accessToken, workload.accessToken])
      expect(await node.countersign.tryAuthenticate(token, HOME)).toMatchObject({
        kind: 'identity',
      })
  })
})

describe("a host's own signer", () => {
  test('signs and publishes its key, and the storage keeps none', async () => {
    const signer = aSigner('kms-1')
    const workload = await loggedIn({ engine: anEngine({ signer }) })
    expect(kidOf(workload.accessToken)).toBe('kms-1')
    await expect(workload.authenticate()).resolves.toBeDefined()
    expect(await published(workload)).toEqual(['kms-1'])
    workload.clock.advance(days(91))
    await workload.countersign.maintain()
    expect((await workload.storage.keys.list()).keys).toEqual([])
    await expect(keysOf(workload).rotate()).rejects.toMatchObject({ code: 'not_found' })
  })

  test('must have a public key', () => {
    const { publicKey: _, ...signer } = aSigner()
    expect(() => anEngine({ signer: { ...signer, algorithm: 'HS256' } })).toThrow(TypeError)
  })
})
