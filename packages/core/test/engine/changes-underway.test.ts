import assert from 'node:assert/strict'
import { describe, expect, test } from 'vitest'
import { days } from '../../src/lib/time.ts'
import type { Storage } from '../../src/ports/storage.ts'
import { anEngine } from '../support/engine.ts'
import { aWorkload, HOME, loggedIn } from '../support/workload.ts'

/** A storage that does something between the judgement of each login and its grant. */
function betweenJudgementAndGrant(meanwhile: () => Promise<unknown>) {
  return (storage: Storage): Storage => ({
    ...storage,
    logins: {
      ...storage.logins,
      async grant(...told) {
        await meanwhile()
        return storage.logins.grant(...told)
      },
    },
  })
}

describe('login() whose identity changes under it', () => {
  test('starts over, and is granted without a strike', async () => {
    let changes = 1
    const engine = anEngine({
      around: betweenJudgementAndGrant(async () => {
        if (changes > 0) await change()
      }),
    })
    const workload = await aWorkload({ engine })
    const change = async (): Promise<void> => {
      changes -= 1
      const { organization, id } = workload.identity
      await workload.host.identities.revokeTokens({ organization, id })
    }
    const { accessToken } = await workload.login()
    await workload.countersign.authenticate(accessToken, HOME)
    const types = (await workload.recorded()).map(({ type }) => type)
    expect(types.filter((type) => type.startsWith('login.'))).toEqual(['login.granted'])
  })

  test('is unavailable, and no 401, where it changes at every try', async () => {
    const engine = anEngine({ around: betweenJudgementAndGrant(() => change()) })
    const workload = await aWorkload({ engine })
    const change = async (): Promise<void> => {
      const { organization, id } = workload.identity
      await workload.host.identities.revokeTokens({ organization, id })
    }
    await assert.rejects(workload.login(), { code: 'unavailable' })
  })
})

describe('a ceiling on the age of tokens that comes down', () => {
  test('ends tokens that are older than it, and so outlive no mark of their revocation', async () => {
    const first = await loggedIn({ tokenPolicy: { ttl: days(30), maxTtl: days(30) } })
    const lower = anEngine({ beside: first, maxTokenAge: days(1) })
    await lower.countersign.authenticate(first.accessToken, HOME)
    first.clock.advance(days(1) - 1)
    await lower.countersign.authenticate(first.accessToken, HOME)
    first.clock.advance(1)
    await assert.rejects(lower.countersign.authenticate(first.accessToken, HOME), {
      code: 'invalid_token',
      reason: 'token_expired',
    })
  })
})

describe('clientSecrets.revoke()', () => {
  test('ends the tokens that an earlier revocation had kept', async () => {
    const { host, secret, authenticate, denied, recorded } = await loggedIn()
    const { organization, id } = secret
    await host.clientSecrets.revoke({ organization, id, keepTokens: true })
    await authenticate()
    await host.clientSecrets.revoke({ organization, id })
    expect((await denied()).reason).toBe('token_revoked')
    await host.clientSecrets.revoke({ organization, id })
    const revocations = (await recorded()).filter(({ type }) => type === 'client_secret.revoked')
    expect(revocations).toHaveLength(2)
  })
})

describe('createCountersign() refuses', () => {
  test('two sinks of one name, and one without', () => {
    const sink = (name?: string) => ({ name: name as string, write: () => undefined })
    for (const sinks of [[sink('a'), sink('a')], [sink()]])
      expect(() => anEngine({ sinks })).toThrow(/^sinks must have names/)
    anEngine({ sinks: [sink('a'), sink('b')] })
  })

  test('a label that would break a line of the trail', () => {
    const { countersign } = anEngine()
    for (const label of ['', '  ', 'a\nb', 'x'.repeat(129)])
      expect(() => countersign.asHost(label)).toThrow(TypeError)
    countersign.asHost('nightly rotation, año 2')
  })
})

test.each([
  ['a number', { tier: 7 }],
  ['an object', { tier: {} }],
  ['a prototype', JSON.parse('{"__proto__":"x"}')],
])(
  'login() tells the host that claims() answered %s, and charges nothing',
  async (_what, claims) => {
    const { countersign, identity, secret, host } = await aWorkload({ secret: { maxUses: 1 } })
    const { clientSecret, organization, id } = secret
    const request = {
      method: 'universal',
      identity: identity.id,
      credential: { clientSecret },
    } as const
    await assert.rejects(countersign.login(request, HOME, { claims: () => claims }), TypeError)
    expect(await host.clientSecrets.get({ organization, id })).toMatchObject({ uses: 0 })
  },
)
