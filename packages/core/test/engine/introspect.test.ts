import { describe, expect, test } from 'vitest'
import { anEngine } from '../support/engine.ts'
import { createOutage } from '../support/storage.ts'
import { readToken } from '../support/token.ts'
import { aWorkload, loggedIn } from '../support/workload.ts'

describe('recognizes()', () => {
  test('tells our tokens by form alone, good or bad', async () => {
    const { countersign, accessToken, revoke, calls } = await loggedIn()
    const elsewhere = await loggedIn({ engine: anEngine({ issuer: 'https://other.example.com' }) })
    await revoke()
    calls.forget()
    const texts = [
      accessToken,
      `${accessToken}AAAA`,
      elsewhere.accessToken,
      'cst_cs_x',
      '',
      'a.b.c',
    ]
    expect(texts.map((text) => countersign.recognizes(text))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ])
    expect(calls.verbs()).toEqual([])
  })
})

describe('introspect()', () => {
  test('tells what a token is good for, and spends no use', async () => {
    const { countersign, accessToken, authenticate, identity } = await loggedIn({
      tokenPolicy: { maxUses: 2 },
    })
    for (let count = 0; count < 5; count += 1)
      expect(await countersign.introspect(accessToken)).toEqual({
        active: true,
        sub: identity.id,
        client_id: identity.id,
        iss: 'https://id.example.com',
        aud: 'https://id.example.com',
        iat: 1_772_366_400,
        exp: 1_772_373_600,
        jti: readToken(accessToken).claims['jti'],
        org: 'acme',
        token_type: 'Bearer',
      })
    await authenticate()
    await authenticate()
    expect(await countersign.introspect(accessToken)).toEqual({ active: false })
  })

  test('answers inactive without a reason or an event for what is no living token', async () => {
    const { countersign, accessToken, revoke, recorded } = await loggedIn()
    await revoke()
    const before = (await recorded()).length
    for (const token of [accessToken, 'noise', '', `${accessToken}x`])
      expect(await countersign.introspect(token)).toEqual({ active: false })
    expect((await recorded()).length).toBe(before)
  })

  test('looks past the address list: only the engine knows where a request came from', async () => {
    const tokenPolicy = { trustedSources: { token: ['10.0.0.0/8'] } }
    const { countersign, accessToken } = await loggedIn({ tokenPolicy })
    expect(await countersign.introspect(accessToken)).toMatchObject({ active: true })
  })

  test('is unavailable when the authority cannot tell', async () => {
    const outage = createOutage()
    const workload = await aWorkload({ engine: anEngine({ around: outage.around }) })
    const { accessToken } = await workload.login()
    outage.begin('tokens.find')
    await expect(workload.countersign.introspect(accessToken)).rejects.toMatchObject({
      code: 'unavailable',
    })
  })
})
