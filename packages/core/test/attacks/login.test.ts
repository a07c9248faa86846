import { describe, expect, test } from 'vitest'
import { anEngine, OTHER_ROOT_KEY, ROOT_KEY } from '../support/engine.ts'
import { expectNoSecret, faceOf, refusalOf } from '../support/refusal.ts'
import { aWorkload, HOME, loggedIn, loginAs, WRONG } from '../support/workload.ts'

/** An id in our form that nobody has. */
const NOBODY = 'idn_01h000000000000000000000zz'

describe('login()', () => {
  test('LGN-001 answers an unknown id and a wrong secret with the same bytes', async () => {
    const workload = await aWorkload()
    const wrong = await workload.refused()
    const attempt = () => loginAs(workload, NOBODY, workload.secret.clientSecret)
    const unknown = await refusalOf(workload, attempt, 'reported')
    expect([wrong.reason, unknown.reason]).toEqual(['wrong_secret', 'unknown_client'])
    expect(faceOf(unknown)).toBe(faceOf(wrong))
    expect(wrong).toMatchObject({
      code: 'invalid_credential',
      message: 'The credential was not accepted',
    })
  })

  test('LGN-002 asks one question with as many digests for an unknown id as for a wrong secret', async () => {
    const engine = anEngine({ rootKeys: [OTHER_ROOT_KEY, ROOT_KEY] })
    const workload = await aWorkload({ engine })
    const work: unknown[] = []
    for (const identity of [NOBODY, workload.identity.id, 'no id of ours']) {
      workload.calls.forget()
      await expect(loginAs(workload, identity, WRONG)).rejects.toThrow()
      const [[query] = []] = workload.calls.handedTo('logins.find')
      const { digests } = query as { digests: readonly unknown[] }
      const reads = workload.calls.verbs().filter((verb) => verb === 'logins.find').length
      work.push([reads, digests.length, workload.calls.count('logins.grant')])
    }
    expect(work).toEqual([
      [1, 2, 0],
      [1, 2, 0],
      [1, 2, 0],
    ])
  })

  test("LGN-004 refuses the secret of B at the id of A, and charges A's failure alone", async () => {
    const a = await aWorkload()
    const b = await aWorkload({ engine: a, secret: { maxUses: 1 } })
    const error = await a.refused(HOME, b.secret.clientSecret)
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'wrong_secret' })
    await a.refused(HOME, b.secret.clientSecret)
    await a.refused(HOME, b.secret.clientSecret)
    expect((await a.refused()).code).toBe('locked_out')
    const { organization } = a.key
    expect((await b.host.clientSecrets.get({ organization, id: b.secret.id })).uses).toBe(0)
    await expect(b.login()).resolves.toMatchObject({ identity: b.identity.id })
  })

  test('LGN-005 refuses a revoked secret in the words of a wrong one', async () => {
    const { host, secret, refused } = await aWorkload()
    const { organization, id } = secret
    const wrong = await refused()
    await host.clientSecrets.revoke({ organization, id })
    const error = await refused(HOME, secret.clientSecret)
    expect(error.reason).toBe('secret_revoked')
    expect(faceOf(error)).toBe(faceOf(wrong))
  })

  test('LGN-006 refuses an expired secret in the words of a wrong one', async () => {
    const { clock, secret, refused } = await aWorkload({ secret: { ttl: 1 } })
    const wrong = await refused()
    clock.advance(1.001)
    const error = await refused(HOME, secret.clientSecret)
    expect(error.reason).toBe('secret_expired')
    expect(faceOf(error)).toBe(faceOf(wrong))
  })

  test('LGN-007 takes a secret strictly before its expiry, and not at it', async () => {
    const { clock, login, secret, refused } = await aWorkload({ secret: { ttl: 60 } })
    clock.advance(59.999)
    await expect(login()).resolves.toMatchObject({ tokenType: 'Bearer' })
    for (const step of [0.001, 0.001]) {
      clock.advance(step)
      const error = await refused(HOME, secret.clientSecret)
      expect(error).toMatchObject({ code: 'invalid_credential', reason: 'secret_expired' })
    }
  })

  test('LGN-008 refuses a disabled identity, then a deleted one, and their tokens', async () => {
    const { host, key, secret, refused, denied, identity } = await loggedIn()
    const { organization } = key
    await host.identities.update({ organization, id: identity.id, disabled: true })
    const disabled = await refused(HOME, secret.clientSecret)
    expect(disabled.reason).toBe('identity_disabled')
    expect((await denied()).reason).toBe('identity_disabled')
    await host.identities.delete({ organization, id: identity.id })
    const deleted = await refused(HOME, secret.clientSecret, 'reported')
    expect(deleted.reason).toBe('unknown_client')
    expect((await denied()).reason).toBe('identity_gone')
    expect(faceOf(deleted)).toBe(faceOf(disabled))
  })

  test('LGN-009 refuses a detached method, and its old secret after it is attached again', async () => {
    const { host, key, secret, refused, denied } = await loggedIn()
    const method = { ...key, method: 'universal' } as const
    await host.authMethods.detach(method)
    const detached = await refused(HOME, secret.clientSecret, 'reported')
    expect(detached).toMatchObject({ code: 'invalid_credential', reason: 'unknown_client' })
    await host.authMethods.attach(method)
    expect((await refused(HOME, secret.clientSecret)).reason).toBe('wrong_secret')
    expect((await denied()).reason).toBe('method_gone')
  })

  test('LGN-010 refuses a secret that shares its first 72 bytes with the right one', async () => {
    const workload = await aWorkload({ engine: anEngine({ prefix: 'abcdefghijklmnop' }) })
    const { clientSecret } = workload.secret
    expect(clientSecret.length).toBe(69)
    for (const longer of [`${clientSecret}abcX`, `${clientSecret}abcY`, clientSecret.slice(0, -1)])
      expect((await workload.refused(HOME, longer)).reason).toBe('wrong_secret')
    await expect(workload.refused(HOME, `${clientSecret}abcZ`)).resolves.toMatchObject({
      code: 'locked_out',
    })
  })

  const changes: readonly (readonly [string, (secret: string) => string])[] = [
    ['a newline behind it', (secret: string) => `${secret}\n`],
    ['a blank before it', (secret: string) => ` ${secret}`],
    ['a NUL behind it', (secret: string) => `${secret}\0`],
  ]

  test.each(changes)('LGN-011 refuses the right secret with %s', async (_, change) => {
    const { secret, refused } = await aWorkload()
    const error = await refused(HOME, change(secret.clientSecret))
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'wrong_secret' })
  })

  const noTexts: readonly (readonly [string, unknown])[] = [
    ['an object', { $ne: null }],
    ['a list', ['id']],
    ['a number', 1],
    ['true', true],
    ['null', null],
    ['nothing', undefined],
    ['the empty text', ''],
    ['more than any id has', 'i'.repeat(257)],
  ]

  test.each(noTexts)(
    'LGN-012 refuses %s as an identity or as a secret, and counts it for nobody',
    async (_, value) => {
      const workload = await aWorkload()
      const { countersign, calls, identity, secret } = workload
      const { clientSecret } = secret
      calls.forget()
      for (const request of [
        { method: 'universal', identity: value, credential: { clientSecret } },
        { method: 'universal', identity: identity.id, credential: value },
        { method: value, identity: identity.id, credential: { clientSecret } },
      ]) {
        const attempt = () => countersign.login(request as never, HOME)
        const error = await refusalOf(workload, attempt, 'nowhere')
        expect(error.code).toBe('invalid_request')
        expect(error.message).toMatch(
          /^(identity|method|clientSecret|credential|The input) (is|must|has)/,
        )
      }
      expect(calls.verbs().filter((verb) => verb.startsWith('logins'))).toEqual([])
    },
  )

  test('LGN-012 refuses a secret of the wrong type or size without repeating it', async () => {
    const workload = await aWorkload()
    const { countersign, identity, canaries } = workload
    const long = 'canary-'.repeat(80)
    canaries.add(long).add('canary-canary')
    for (const clientSecret of [long, [long], { [long]: long }, 1, '', null]) {
      const credential = { clientSecret, [long]: '' }
      const request = { method: 'universal', identity: identity.id, credential }
      const attempt = () => countersign.login(request as never, HOME)
      const error = await refusalOf(workload, attempt, 'nowhere')
      expect(error.code).toBe('invalid_request')
      expectNoSecret(workload, error)
    }
  })

  test('LGN-017 refuses the id in other letters, and such attempts open no second budget', async () => {
    const workload = await aWorkload()
    const { clientSecret } = workload.secret
    const shouted = workload.identity.id.toUpperCase()
    const error = await refusalOf(
      workload,
      () => loginAs(workload, shouted, clientSecret),
      'reported',
    )
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'unknown_client' })
    for (let count = 0; count < 3; count += 1) await workload.refused()
    expect((await workload.refused(HOME, clientSecret)).code).toBe('locked_out')
  })
})
