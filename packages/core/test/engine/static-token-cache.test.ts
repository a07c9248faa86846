import { describe, expect, test } from 'vitest'
import { mintSecret } from '../../src/lib/secret.ts'
import { anEngine } from '../support/engine.ts'
import { flood } from '../support/gate.ts'
import { aBearer } from '../support/static-token.ts'
import { HOME } from '../support/workload.ts'

const random = (size: number) => crypto.getRandomValues(new Uint8Array(size))
const FIND = 'staticTokens.findByDigest'

describe('a static token seen before', () => {
  test('costs no I/O within cacheTtl', async () => {
    const { authenticate, calls, clock } = await aBearer()
    await authenticate()
    calls.forget()
    for (let count = 0; count < 100; count += 1) await authenticate()
    expect(calls.verbs()).toEqual([])
    clock.advance(1)
    await authenticate()
    expect(calls.verbs()).toEqual([FIND])
  })

  test('is asked for once, however many wait for it', async () => {
    const { authenticate, calls } = await aBearer()
    calls.forget()
    await flood(50, () => authenticate())
    expect(calls.count(FIND)).toBe(1)
  })

  test('is asked for every time where cacheTtl is 0, or its uses are limited', async () => {
    const strict = await aBearer({ engine: anEngine({ cacheTtl: 0 }) })
    const limited = await aBearer({ token: { maxUses: 9 } })
    for (const { authenticate, calls } of [strict, limited]) {
      calls.forget()
      for (let count = 0; count < 3; count += 1) await authenticate()
      expect(calls.count(FIND)).toBe(3)
    }
  })

  test('is refused at its expiry, within cacheTtl too', async () => {
    const { authenticate, denied, clock } = await aBearer({
      engine: anEngine({ cacheTtl: 60 }),
      token: { ttl: 30 },
    })
    await authenticate()
    clock.advance(30)
    expect((await denied()).reason).toBe('token_expired')
  })

  test('is forgotten at once by the node that changes something, within cacheTtl by another', async () => {
    const here = await aBearer()
    const there = anEngine({ beside: here })
    const asThere = () => there.countersign.tryAuthenticate(here.token.staticToken, HOME)
    await here.authenticate()
    expect(await asThere()).toMatchObject({ kind: 'identity' })
    await here.host.staticTokens.revoke(here.key)
    expect((await here.denied()).reason).toBe('token_revoked')
    expect(await asThere()).toMatchObject({ kind: 'identity' })
    here.clock.advance(1)
    expect(await asThere()).toMatchObject({ code: 'invalid_token', reason: 'token_revoked' })
  })

  test('is forgotten with each change of its identity and auth method', async () => {
    const { authenticate, host, identity, calls } = await aBearer()
    const { organization, id } = identity
    for (const change of [
      () => host.identities.update({ organization, id, name: 'renamed' }),
      () =>
        host.authMethods.update({ organization, identity: id, method: 'token', lockout: 'off' }),
    ]) {
      await authenticate()
      await change()
      calls.forget()
      await authenticate()
      expect(calls.count(FIND)).toBe(1)
    }
  })

  test('that is none is remembered for as long, and no longer than the others', async () => {
    const { countersign, calls, clock, authenticate } = await aBearer()
    const unknown = mintSecret({ prefix: 'cst', kind: 'st' }, random)
    await authenticate()
    calls.forget()
    for (let count = 0; count < 5; count += 1)
      expect(await countersign.tryAuthenticate(unknown, HOME)).toMatchObject({
        reason: 'unknown_token',
      })
    expect(calls.count(FIND)).toBe(1)
    clock.advance(1)
    await countersign.tryAuthenticate(unknown, HOME)
    expect(calls.count(FIND)).toBe(2)
  })

  test('survives a flood of others that are none', async () => {
    const { countersign, calls, authenticate } = await aBearer()
    await authenticate()
    for (let count = 0; count < 12_000; count += 1)
      await countersign.tryAuthenticate(mintSecret({ prefix: 'cst', kind: 'st' }, random), HOME)
    calls.forget()
    await authenticate()
    expect(calls.verbs()).toEqual([])
  })

  test('is unavailable, not refused, where the authority cannot be asked', async () => {
    const engine = anEngine({
      around: (storage) => ({
        ...storage,
        staticTokens: {
          ...storage.staticTokens,
          findByDigest: () => Promise.reject(new Error('connection refused')),
        },
      }),
    })
    const { authenticate, exchange } = await aBearer({ engine })
    await expect(authenticate()).rejects.toMatchObject({ code: 'unavailable' })
    await expect(exchange()).resolves.toBeDefined()
  })
})
