import { later } from '@countersign/core/plugin'
import type { FindKey } from '@countersign/evidence'
import { createRemoteKeys } from '@countersign/evidence'
import type { FakeIssuer } from '@countersign/testing/fakes'
import { fakeIssuer, fakeKey } from '@countersign/testing/fakes'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { NOON, onLoopback, patient } from './support.ts'

const DISCOVERY = '/.well-known/openid-configuration'

describe('the keys of an issuer', () => {
  let issuer: FakeIssuer
  let find: FindKey
  beforeEach(async () => {
    issuer = await fakeIssuer()
    find = createRemoteKeys(onLoopback(), { issuer: issuer.url })
  })
  afterEach(() => issuer.close())

  const findAt = (seconds: number, kid: string | undefined = issuer.key().kid) =>
    find({ kid, algorithm: 'ES256' }, { now: later(NOON, seconds), signal: patient() })
  const down = (): void => issuer.answer('*', { status: 500, body: '{}' })
  const up = (): void => issuer.answer('*', undefined)

  test('are fetched once, and then cost no network while they are fresh', async () => {
    for (const seconds of [0, 1, 599]) expect(await findAt(seconds)).toMatchObject({ key: {} })
    expect(issuer.asked()).toEqual([`GET ${DISCOVERY}`, 'GET /jwks'])
    await findAt(600)
    expect(issuer.asked()).toEqual([`GET ${DISCOVERY}`, 'GET /jwks', 'GET /jwks'])
  })

  test('are fetched once by a thousand who come at the same time', async () => {
    const found = await Promise.all(Array.from({ length: 1000 }, () => findAt(0)))
    expect(found.every((answer) => typeof answer === 'object')).toBe(true)
    expect(issuer.asked()).toHaveLength(2)
  })

  test('are asked for twice at most by a thousand unknown names', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => `unknown ${index}`)
    const found = await Promise.all(names.map((name) => findAt(0, name)))
    expect(new Set(found)).toEqual(new Set(['unknown_key']))
    expect(issuer.asked()).toHaveLength(2)
  })

  test('are found within the cool-down after a rotation, flood or not', async () => {
    await findAt(0)
    issuer.rotate()
    expect(await findAt(29)).toBe('unknown_key')
    expect(await findAt(30)).toMatchObject({ key: {} })
    expect(issuer.asked()).toHaveLength(3)
    for (let second = 31; second < 60; second += 1) await findAt(second, `unknown ${second}`)
    expect(issuer.asked()).toHaveLength(3)
  })

  test('one unknown name has the issuer asked once a minute', async () => {
    await findAt(0)
    for (let second = 30; second < 90; second += 1)
      expect(await findAt(second, 'nobody')).toBe('unknown_key')
    expect(issuer.asked()).toHaveLength(3)
    await findAt(90, 'nobody')
    expect(issuer.asked()).toHaveLength(4)
  })

  test('count on while the issuer is down, say so, and end after a day', async () => {
    await findAt(0)
    down()
    expect(await findAt(600)).toMatchObject({ staleFor: 0 })
    expect(await findAt(4200)).toMatchObject({ staleFor: 3600 })
    expect(await findAt(600 + 86_399)).toMatchObject({ staleFor: 86_399 })
    await expect(findAt(600 + 86_400)).rejects.toThrow()
    up()
    await expect(findAt(600 + 86_406)).resolves.toMatchObject({ key: {} })
  })

  test('nobody waits for an issuer that is known to be down', async () => {
    await findAt(0)
    down()
    await findAt(600)
    issuer.answer('*', 'hang')
    expect(await findAt(605)).toMatchObject({ staleFor: 5 })
    expect(await findAt(606)).toMatchObject({ staleFor: 6 })
  })

  test('are not known while the issuer is down, which is asked once in five seconds', async () => {
    down()
    for (const second of [0, 1, 4, 4])
      await expect(findAt(second)).rejects.toThrow('unexpected status')
    expect(issuer.asked()).toHaveLength(1)
    up()
    expect(await findAt(5)).toMatchObject({ key: {} })
  })

  test('an unknown name is no refusal while the issuer cannot be asked about it', async () => {
    await findAt(0)
    down()
    await expect(findAt(30, 'new')).rejects.toThrow('unexpected status')
    expect(await findAt(31)).not.toHaveProperty('staleFor')
  })

  test.each([
    [
      'names another issuer',
      { issuer: 'https://other.example', jwks_uri: 'https://other.example/' },
    ],
    ['says nothing of keys', { issuer: 'self' }],
    ['keeps keys at a file', { issuer: 'self', jwks_uri: 'file:///etc/passwd' }],
    ['keeps keys at another private host', { issuer: 'self', jwks_uri: 'http://127.0.0.2:6379/' }],
    ['is a list', []],
  ])('a discovery document that %s is no answer', async (_what, document) => {
    const body = JSON.stringify(document).replace('"self"', JSON.stringify(issuer.url))
    issuer.answer(DISCOVERY, { status: 200, body })
    await expect(findAt(0)).rejects.toMatchObject({ name: 'OutboundError' })
    expect(issuer.asked()).toHaveLength(1)
  })

  test.each([
    ['has more than a hundred keys', JSON.stringify({ keys: Array(101).fill({}) })],
    ['is larger than 256 kB', `{"keys":[],"more":"${'x'.repeat(262_144)}"}`],
    ['is no JSON', '<html>'],
    ['is no key set', '{"keys":{}}'],
  ])('a key set that %s is no answer', async (_what, body) => {
    issuer.answer('/jwks', { status: 200, body })
    await expect(findAt(0)).rejects.toMatchObject({ name: 'OutboundError' })
  })

  test('are kept for as long as the issuer says, within a minute and a day', async () => {
    const body = JSON.stringify({ keys: [issuer.key().jwk] })
    issuer.answer('/jwks', { status: 200, body, headers: { 'cache-control': 'public, max-age=1' } })
    await findAt(0)
    await findAt(59)
    expect(issuer.asked()).toHaveLength(2)
    await findAt(60)
    expect(issuer.asked()).toHaveLength(3)
  })

  test('of kinds that check no signatures are left aside', async () => {
    const { jwk } = fakeKey('RS256', { kid: 'weak', bits: 1024 })
    const good = fakeKey('RS256', { kid: 'good' }).jwk
    issuer.publish(
      jwk,
      { ...good, kid: 'enc', use: 'enc' },
      { ...good, kid: 'sign', key_ops: ['sign'] },
      { ...good, kid: 'e1', e: 'AQ' },
      { kty: 'oct', kid: 'oct', k: 'c2VjcmV0', alg: 'HS256' },
      { ...good, kid: 'private', d: 'AQAB' },
    )
    for (const kid of ['weak', 'enc', 'sign', 'e1', 'oct', 'private'])
      expect(await find({ kid, algorithm: 'RS256' }, { now: NOON, signal: patient() })).toBe(
        'unknown_key',
      )
  })

  test('are taken without a name only where one alone fits', async () => {
    const unnamed = { kid: undefined, algorithm: 'ES256' } as const
    const moment = { now: NOON, signal: patient() }
    expect(await find(unnamed, moment)).toMatchObject({ key: {} })
    issuer.rotate()
    const two = createRemoteKeys(onLoopback(), { issuer: issuer.url })
    expect(await two(unnamed, moment)).toBe('ambiguous_key')
    expect(await two({ ...unnamed, algorithm: 'RS256' }, moment)).toBe('key_not_for_algorithm')
  })
})
