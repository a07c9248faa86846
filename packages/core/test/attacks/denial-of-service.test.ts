import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { FORGERY_LIMIT } from '../../src/cache/forgeries.ts'
import type { Storage } from '../../src/ports/storage.ts'
import { runChild } from '../support/child.ts'
import { anEngine } from '../support/engine.ts'
import { flood, rounds } from '../support/gate.ts'
import { aBearer } from '../support/static-token.ts'
import { forge, readToken } from '../support/token.ts'
import { aWorkload, ELSEWHERE, HOME, loggedIn, WRONG } from '../support/workload.ts'

const { privateKey } = generateKeyPairSync('ed25519')
/** One second of somebody who never stops. */
const HAMMERED = 5000
const TTL = 1

describe('a bad token that is hammered', () => {
  test('DOS-002 asks the authority about a static token that nobody has once per cacheTtl', async () => {
    const { another, host, key, countersign, calls, clock } = await aBearer()
    const gone = await another()
    await host.staticTokens.delete({ organization: key.organization, id: gone.id })
    calls.forget()
    for (let second = 1; second <= 3; second += 1) {
      const answers = await flood(HAMMERED, () =>
        countersign.tryAuthenticate(gone.staticToken, HOME),
      )
      expect(new Set(answers.map(codeOf))).toEqual(new Set(['invalid_token']))
      expect(calls.verbs()).toEqual(Array(second).fill('staticTokens.findByDigest'))
      clock.advance(TTL)
    }
  })

  test('DOS-002 asks nobody about a forged signature, and once a second about a kid of nobody', async () => {
    const { accessToken, login, countersign, calls, clock } = await loggedIn()
    const { header, claims } = readToken(accessToken)
    await countersign.authenticate(accessToken, HOME)
    const forged = forge({ header, claims: { ...claims, jti: 'forged' } }, privateKey)
    const foreign = forge({ header: { ...header, kid: 'nobodys' }, claims }, privateKey)
    calls.forget()
    const refused = await flood(HAMMERED, () => countersign.tryAuthenticate(forged, HOME))
    expect(new Set(refused.map(codeOf))).toEqual(new Set(['invalid_token']))
    expect(calls.verbs()).toEqual([])
    // Nobody else at that address waits for it.
    await countersign.authenticate((await login()).accessToken, HOME)
    calls.forget()
    for (let second = 0; second < 10; second += 1) {
      clock.advance(TTL)
      await flood(HAMMERED / 10, () => countersign.tryAuthenticate(foreign, HOME))
    }
    expect(new Set(calls.verbs())).toEqual(new Set(['keys.list']))
    expect(calls.verbs().length).toBeLessThanOrEqual(10)
  })

  test('DOS-002 asks once per cacheTtl about a revoked one, and writes a minute’s budget of rows', async () => {
    const { accessToken, revoke, countersign, calls, clock, recorded } = await loggedIn()
    await revoke()
    const before = (await recorded()).length
    calls.forget()
    for (let second = 0; second < 3; second += 1) {
      await flood(HAMMERED, () => countersign.tryAuthenticate(accessToken, HOME))
      clock.advance(TTL)
    }
    expect(calls.count('tokens.find')).toBe(3)
    expect((await recorded()).length - before).toBe(60)
  })
})

describe('tokens that are made up', () => {
  test('DOS-001 forged tokens with a real kid buy a tenth of a second of ours in ten', async () => {
    const { accessToken, countersign, calls, clock } = await loggedIn()
    const { header, claims } = readToken(accessToken)
    await countersign.authenticate(accessToken, HOME)
    const forgeOne = (count: number): string =>
      forge({ header, claims: { ...claims, jti: `forged-${count}` } }, privateKey)
    calls.forget()
    const checked: number[] = []
    for (let period = 0; period < 2; period += 1) {
      const answers = await flood(rounds(10_000, 100_000), (count) =>
        countersign.tryAuthenticate(forgeOne(period * 1e6 + count), ELSEWHERE),
      )
      checked.push(answers.map(codeOf).filter((code) => code === 'invalid_token').length)
      clock.advance(2 * FORGERY_LIMIT.window)
    }
    expect(checked).toEqual([FORGERY_LIMIT.most, FORGERY_LIMIT.most])
    expect(calls.verbs()).toEqual([])
    expect(await countersign.tryAuthenticate(accessToken, ELSEWHERE)).toMatchObject({
      kind: 'identity',
    })
  })
})

describe('a stampede', () => {
  test('DOS-003 is one question when what a node knew of a hot token ends', async () => {
    const { accessToken, authenticate, countersign, calls, clock } = await loggedIn()
    await authenticate()
    clock.advance(TTL)
    calls.forget()
    const answers = await flood(1000, () => countersign.authenticate(accessToken, HOME))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['fulfilled']))
    expect(calls.verbs()).toEqual(['tokens.find'])
  })

  test('DOS-003 shares one failure, and takes it for no answer', async () => {
    const outage = { isOn: false }
    const engine = anEngine({ around: (storage) => withOutage(storage, outage) })
    const { accessToken, authenticate, countersign, calls, clock } = await loggedIn({ engine })
    await authenticate()
    clock.advance(TTL)
    calls.forget()
    outage.isOn = true
    const failed = await flood(1000, () => countersign.tryAuthenticate(accessToken, HOME))
    expect(new Set(failed.map(codeOf))).toEqual(new Set(['unavailable']))
    outage.isOn = false
    expect(calls.count('tokens.find')).toBe(1)
    await expect(authenticate()).resolves.toMatchObject({ kind: 'identity' })
  })

  test('DOS-003 is a question each, where a host wants no answer twice', async () => {
    const engine = anEngine({ cacheTtl: 0 })
    const { accessToken, countersign, calls } = await loggedIn({ engine })
    calls.forget()
    await flood(10, () => countersign.authenticate(accessToken, HOME))
    expect(calls.count('tokens.find')).toBe(10)
  })
})

describe('a flood of wrong secrets', () => {
  const attempts = rounds(2000, 50_000)

  test.each(['on', 'off'])(
    'DOS-004 DOS-005 costs one hash each, and none where it is too long; lockout is %s',
    async (lockout) => {
      const { code, stdout, stderr } = await runChild(
        'wrong-secrets.ts',
        [],
        [String(attempts), lockout],
      )
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      const { wrong, long } = JSON.parse(stdout)
      expect(wrong).toMatchObject({
        codes: [lockout === 'on' ? 'locked_out' : 'invalid_credential'],
        hashes: 1,
      })
      expect(long).toMatchObject({ codes: ['invalid_request'], hashes: 0 })
      // Ten times what is promised; a password hash would be a hundred times that.
      expect(wrong.cost).toBeLessThan(1000)
    },
    120_000,
  )

  test('DOS-004 is one read each behind a lock, and nothing at all behind a rate limit', async () => {
    const engine = anEngine({ rateLimits: { loginsPerIdentity: { most: 1000, window: 60 } } })
    const { login, calls, recorded } = await aWorkload({ engine })
    const before = (await recorded()).length
    calls.forget()
    const answers = await flood(3000, () => login(HOME, WRONG))
    expect(answers.map(codeOf).filter((code) => code === 'rate_limited')).toHaveLength(2000)
    expect(calls.count('logins.find')).toBe(1000)
    // The budget of an identity for a minute, and the start of the lock.
    expect((await recorded()).length - before).toBeLessThanOrEqual(61)
  })

  test('DOS-005 asks nobody about a secret that is too long, and takes the longest there is', async () => {
    const { refused, login, calls } = await aWorkload()
    calls.forget()
    for (const length of [513, 100_000, 10_000_000])
      await expect(login(HOME, 'x'.repeat(length))).rejects.toMatchObject({
        code: 'invalid_request',
        message: 'clientSecret must be at most 512 characters',
      })
    expect(calls.verbs()).toEqual([])
    expect(await refused(HOME, 'x'.repeat(512))).toMatchObject({ code: 'invalid_credential' })
  })

  test('DOS-005 holds for static tokens, exchanged or shown', async () => {
    const { exchange, countersign, calls } = await aBearer()
    calls.forget()
    for (const length of [513, 100_000, 10_000_000]) {
      const long = `cst_st_${'x'.repeat(length)}`
      await expect(exchange(HOME, long)).rejects.toMatchObject({ code: 'invalid_request' })
      expect(await countersign.tryAuthenticate(long, HOME)).toMatchObject({
        code: 'invalid_token',
        reason: 'malformed',
      })
    }
    expect(calls.verbs()).toEqual([])
  })
})

describe('keys of strangers', () => {
  test('DOS-009 fill what a node keeps by them, and then nothing more', async () => {
    const keys = rounds(200_000, 1_000_000)
    const { code, stdout, stderr } = await runChild('many-keys.ts', ['--expose-gc'], [String(keys)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { 'a map that nobody bounded': unbounded, ...grown } = JSON.parse(stdout)
    expect(unbounded).toBeGreaterThan(keys * 40)
    expect(Object.keys(grown)).toHaveLength(8)
    for (const [name, bytes] of Object.entries(grown)) expect(bytes, name).toBeLessThan(keys * 4)
  }, 120_000)
})

/** What came of one of many. */
function codeOf(outcome: PromiseSettledResult<unknown>): string {
  const answer = outcome.status === 'fulfilled' ? outcome.value : outcome.reason
  return answer instanceof Error && 'code' in answer ? String(answer.code) : 'ok'
}

/** A storage that cannot say where a token stands while the outage is on. */
function withOutage(storage: Storage, outage: { readonly isOn: boolean }): Storage {
  const { tokens } = storage
  return {
    ...storage,
    tokens: {
      ...tokens,
      async find(query, now) {
        const answer = await tokens.find(query, now)
        if (outage.isOn) throw new Error('The authority is away')
        return answer
      },
    },
  }
}
