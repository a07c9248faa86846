import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Check, Verifier, VerifierContext } from '../../src/plugin.ts'
import { Rejection } from '../../src/plugin.ts'
import { anEngine } from '../support/engine.ts'
import { refusalOf } from '../support/refusal.ts'
import { HOME } from '../support/workload.ts'

interface Shown {
  readonly phrase: string
}

/** Admits one phrase, and tells of three checks. */
function phraseMethod(more: Partial<Verifier<'phrase', object, Shown>> = {}) {
  return {
    method: 'phrase',
    policy: z.strictObject({}),
    credential: z.strictObject({ phrase: z.string() }),
    verify({ phrase }: Shown, { check, notice, rehearsal }: VerifierContext<object>) {
      check({ name: 'language', passed: true })
      const passed = phrase === 'mellon'
      check({ name: 'word', passed, expected: 'friend', presented: `a word of ${phrase.length}` })
      if (!passed && !rehearsal) return new Rejection('wrong_phrase')
      notice('door_creaks')
      check({ name: 'volume', passed: true })
      const charges = [{ kind: 'once', key: phrase, until: new Date('2030-01-01') }] as const
      return passed
        ? { subject: 'speaker', claims: { language: 'sindarin' }, charges }
        : new Rejection('wrong_phrase')
    },
    ...more,
  } satisfies Verifier<'phrase', object, Shown>
}

async function aDoor(more: Partial<Verifier<'phrase', object, Shown>> = {}) {
  const engine = anEngine({ verifiers: [phraseMethod(more)] })
  await engine.host.organizations.create({ id: 'acme', name: 'Acme' })
  const { identity } = await engine.host.identities.create({
    organization: 'acme',
    name: 'speaker',
    authMethod: { method: 'phrase' },
  })
  const key = { organization: 'acme', identity: identity.id, method: 'phrase' } as const
  return {
    ...engine,
    key,
    identity,
    rehearse: (phrase: string, source = HOME) =>
      engine.host.authMethods.rehearse({ ...key, credential: { phrase }, source }),
    login: (phrase: string) =>
      engine.countersign.login(
        { method: 'phrase', identity: identity.id, credential: { phrase } },
        HOME,
      ),
  }
}

const OWN = ['lockout', 'address', 'identity_enabled']
const namesOf = (checks: readonly Check[]) => checks.map(({ name }) => name)

describe('rehearse()', () => {
  test('tells of every check, and issues, counts and charges nothing', async () => {
    const { rehearse, login, calls } = await aDoor()
    for (let count = 0; count < 3; count += 1) {
      const rehearsal = await rehearse('mellon')
      expect(rehearsal).toMatchObject({ accepted: true, subject: 'speaker', charges: ['once'] })
      expect(rehearsal.claims).toEqual({ language: 'sindarin' })
      expect(namesOf(rehearsal.checks)).toEqual([...OWN, 'language', 'word', 'volume'])
    }
    expect(calls.answersOf('logins.grant')).toEqual([])
    await expect(login('mellon')).resolves.toBeDefined()
  })

  test('goes on behind a check that failed, and strikes nobody', async () => {
    const { rehearse, host, calls } = await aDoor()
    for (let count = 0; count < 10; count += 1) {
      const { accepted, reason, checks, ...rest } = await rehearse('friend')
      expect({ accepted, reason, rest }).toEqual({
        accepted: false,
        reason: 'wrong_phrase',
        rest: { charges: [] },
      })
      expect(checks.filter(({ passed }) => !passed)).toEqual([
        { name: 'word', passed: false, expected: 'friend', presented: 'a word of 6' },
      ])
      expect(namesOf(checks)).toContain('volume')
    }
    expect(calls.answersOf('logins.strike')).toEqual([])
    expect(await host.lockouts.list({ organization: 'acme' })).toEqual([])
  })

  test("makes the engine's own checks as well", async () => {
    const { rehearse, host, key } = await aDoor()
    await host.authMethods.update({
      ...key,
      tokenPolicy: { trustedSources: { credential: ['192.0.2.9'] } },
    })
    await host.identities.update({ organization: 'acme', id: key.identity, disabled: true })
    const { reason, checks } = await rehearse('mellon')
    expect(reason).toBe('ip_not_allowed')
    expect(checks.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual([
      'address',
      'identity_enabled',
    ])
  })

  test('stands in the trail, without the credential', async () => {
    const { rehearse, recorded, identity } = await aDoor()
    await rehearse('friend')
    const event = (await recorded()).at(-1)
    expect(event).toMatchObject({
      type: 'auth_method.rehearsed',
      actor: { kind: 'host', label: 'test' },
      reason: 'wrong_phrase',
      details: { identity: identity.id, method: 'phrase', accepted: false },
    })
    expect(JSON.stringify(event)).not.toContain('friend')
  })

  test('is refused where a credential can be guessed', async () => {
    const { rehearse } = await aDoor({ guessable: true })
    await expect(rehearse('mellon')).rejects.toMatchObject({ code: 'invalid_request' })
  })

  test('answers a foreign organization like an unknown identity', async () => {
    const { host, key } = await aDoor()
    await host.organizations.create({ id: 'other', name: 'Other' })
    const credential = { phrase: 'mellon' }
    for (const wrong of [{ organization: 'other' }, { identity: 'idn_0' }])
      await expect(
        host.authMethods.rehearse({ ...key, ...wrong, credential }),
      ).rejects.toMatchObject({ code: 'not_found' })
  })

  test('takes the right to change the method, over whoever it is about', async () => {
    const { countersign, key } = await aDoor()
    const reads = [{ rules: [{ allow: ['auth-method:read'] }] }] as const
    const credential = { phrase: 'mellon' }
    const reader = countersign.principalFor({
      user: 'u1',
      organization: 'acme',
      bindings: reads,
    })
    await expect(
      countersign.as(reader).authMethods.rehearse({ ...key, credential }),
    ).rejects.toMatchObject({
      code: 'permission_denied',
    })
    const admin = countersign.principalFor({
      user: 'u2',
      organization: 'acme',
      bindings: [{ role: 'admin' }],
    })
    await expect(
      countersign.as(admin).authMethods.rehearse({ ...key, credential }),
    ).resolves.toMatchObject({ accepted: true })
  })

  test('is unavailable where the verifier could not tell', async () => {
    const { rehearse } = await aDoor({ verify: () => Promise.reject(new Error('down')) })
    await expect(rehearse('mellon')).rejects.toMatchObject({ code: 'unavailable' })
  })
})

describe('the events of a login', () => {
  test('name the first check that failed, and what an operator should hear of', async () => {
    const engine = await aDoor()
    const error = await refusalOf(engine, () => engine.login('friend'))
    expect(JSON.stringify(error)).not.toMatch(/word|friend/)
    await engine.login('mellon')
    const events = (await engine.recorded()).filter(({ type }) => type.startsWith('login.'))
    expect(events.map(({ details }) => details)).toEqual([
      {
        method: 'phrase',
        revision: 1,
        check: 'word',
        expected: 'friend',
        presented: 'a word of 6',
      },
      { method: 'phrase', revision: 1, jti: expect.any(String), notice: 'door_creaks' },
    ])
  })

  test('bound what a verifier writes into them', async () => {
    const engine = await aDoor({
      verify(_shown, { check, notice }) {
        for (let count = 0; count < 1000; count += 1) {
          check({ name: 'x\n'.repeat(500), passed: false, presented: '\u001b[31m\u2028' })
          notice(`not a word ${count}`)
        }
        return new Rejection('wrong_phrase')
      },
    })
    await refusalOf(engine, () => engine.login('friend'))
    const details = (await engine.recorded()).at(-1)?.details
    expect(details).toEqual({
      method: 'phrase',
      revision: 1,
      check: 'x?'.repeat(100),
      presented: '?[31m?',
    })
  })
})
