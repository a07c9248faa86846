import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Verifier } from '../../src/plugin.ts'
import { Rejection } from '../../src/plugin.ts'
import { anEngine } from '../support/engine.ts'
import { faceOf, refusalOf } from '../support/refusal.ts'
import type { GivenDeadline } from '../support/runtime.ts'
import { HOME, loginAs, WRONG } from '../support/workload.ts'

interface Shown {
  readonly phrase: string
}

/** A method of somebody else's, which does what a test says. */
function phraseMethod(verify: Verifier<'phrase', object, Shown>['verify']) {
  return {
    method: 'phrase',
    policy: z.strictObject({}),
    credential: z.strictObject({ phrase: z.string() }),
    verify,
  } satisfies Verifier<'phrase', object, Shown>
}

async function withVerifier(verify: Verifier<'phrase', object, Shown>['verify']) {
  const engine = anEngine({ verifiers: [phraseMethod(verify)] })
  await engine.host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity } = await engine.host.identities.create({
    organization: 'acme',
    name: 'speaker',
    authMethod: { method: 'phrase' },
  })
  const request = {
    method: 'phrase',
    identity: identity.id,
    credential: { phrase: 'mellon' },
  } as const
  return { ...engine, identity, login: () => engine.countersign.login(request, HOME) }
}

const unhandled: unknown[] = []
const note = (error: unknown): void => void unhandled.push(error)

describe('login() with a verifier of somebody else', () => {
  beforeEach(() => {
    unhandled.length = 0
    process.on('unhandledRejection', note)
  })
  afterEach(() => {
    process.off('unhandledRejection', note)
  })

  test.each([
    ['undefined', undefined],
    ['a text', 'no'],
    ['null', null],
    ['an error', new Error('boom')],
  ])('LGN-016 is unavailable when it throws %s, now or later', async (_, thrown) => {
    const throwing = [
      () => {
        throw thrown
      },
      async () => {
        throw thrown
      },
    ]
    for (const verify of throwing) {
      const { login, ...engine } = await withVerifier(verify)
      const error = await refusalOf(engine, login, 'nowhere')
      expect(error).toMatchObject({ code: 'unavailable', retryAfter: 1 })
      expect(await engine.host.lockouts.list({ organization: 'acme' })).toEqual([])
    }
  })

  test('sets no deadline for a verifier that answers at once, and one for any that asks for it', async () => {
    const granted = (claims: Readonly<Record<string, unknown>>) => ({ subject: 'somebody', claims })
    const quick = await withVerifier(() => granted({}))
    await quick.login()
    expect(quick.runtime.deadlines).toEqual([])
    const asking = await withVerifier((_credential, { signal }) => granted({ a: signal.aborted }))
    await asking.login()
    expect(asking.runtime.deadlines).toHaveLength(1)
  })

  test('LGN-016 is unavailable at the deadline, and outlives what the verifier does later', async () => {
    let fail: (error: Error) => void = () => undefined
    let handed: AbortSignal | undefined
    let given: GivenDeadline | undefined
    const { login, runtime, ...engine } = await withVerifier((_credential, { signal }) => {
      handed = signal
      return new Promise((_resolve, reject) => {
        fail = reject
      })
    })
    const attempt = async () => {
      const answer = login()
      while (handed === undefined) await Promise.resolve()
      given = runtime.deadlines.at(-1)
      given?.expire()
      return answer
    }
    const error = await refusalOf(engine, attempt, 'nowhere')
    expect(error.code).toBe('unavailable')
    expect(given?.seconds).toBe(10)
    expect(handed?.aborted).toBe(true)
    fail(new Error('too late'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(unhandled).toEqual([])
  })

  test('LGN-016 counts no failure for what could not be told', async () => {
    let works = false
    const { login, identity } = await withVerifier(() => {
      if (!works) throw new Error('directory refused the connection')
      return { subject: 'speaker', claims: {} }
    })
    for (let count = 0; count < 5; count += 1)
      await expect(login()).rejects.toMatchObject({ code: 'unavailable' })
    works = true
    await expect(login()).resolves.toMatchObject({ identity: identity.id })
  })

  test.each([undefined, null, true, 'speaker', {}, { subject: 1 }])(
    'is unavailable when it answers %j, which is neither a yes nor a no',
    async (answer) => {
      const { login, ...engine } = await withVerifier(() => answer as never)
      const error = await refusalOf(engine, login, 'nowhere')
      expect(error.code).toBe('unavailable')
    },
  )

  test('LGN-014 answers an identity without the method like an unknown one', async () => {
    const { identity, ...engine } = await withVerifier(() => new Rejection('wrong_phrase'))
    const other = await refusalOf(engine, () => loginAs(engine, identity.id, WRONG), 'reported')
    const nobody = await refusalOf(engine, () => loginAs(engine, 'nobody', WRONG), 'reported')
    expect([other.reason, nobody.reason]).toEqual(['unknown_client', 'unknown_client'])
    expect(faceOf(other)).toBe(faceOf(nobody))
  })

  test('LGN-014 refuses a method that the engine was not built with', async () => {
    const { identity, ...engine } = await withVerifier(() => new Rejection('wrong_phrase'))
    const request = { method: 'oidc', identity: identity.id, credential: {} }
    const attempt = () => engine.countersign.login(request as never, HOME)
    const error = await refusalOf(engine, attempt, 'nowhere')
    expect(error.code).toBe('invalid_request')
  })

  test('keeps the reason of its own for the trail alone', async () => {
    const { login, ...engine } = await withVerifier(() => new Rejection('wrong_phrase'))
    const error = await refusalOf(engine, login)
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'wrong_phrase' })
    expect(JSON.stringify(error)).not.toContain('wrong_phrase')
    expect(engine.runtime.fetched()).toBe(0)
  })

  test('accepts evidence with a `once` key a single time', async () => {
    const { login, ...engine } = await withVerifier((_credential, { now }) => ({
      subject: 'speaker',
      claims: {},
      charges: [{ kind: 'once', key: 'jti-1', until: new Date(now.getTime() + 60_000) }],
    }))
    await expect(login()).resolves.toMatchObject({ tokenType: 'Bearer' })
    const error = await refusalOf(engine, login)
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'evidence_replayed' })
  })
})
