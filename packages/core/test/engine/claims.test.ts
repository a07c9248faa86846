import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { Rule } from '../../src/model/rule.ts'
import type { Verifier } from '../../src/plugin.ts'
import { resources } from '../permission/naive.ts'
import { anEngine } from '../support/engine.ts'
import { bindTo, canOf } from '../support/house.ts'
import { refusalOf } from '../support/refusal.ts'
import { HOME } from '../support/workload.ts'

const organization = 'acme'
const where = { environment: { ref: 'identity.claims.env' } } as const
const byClaim: readonly Rule[] = [{ allow: ['secret:read'], where }]

interface Shown {
  readonly claims: Readonly<Record<string, unknown>>
}

/** A method that attests whatever it is shown. */
const openBook = {
  method: 'open-book',
  policy: z.strictObject({}),
  credential: z.strictObject({ claims: z.record(z.string(), z.unknown()) }),
  verify: ({ claims }) => ({ subject: 'workload', claims }),
} satisfies Verifier<'open-book', object, Shown>

/** An identity that holds rules, and logs in with claims. */
async function attested(rules: readonly Rule[]) {
  const engine = anEngine({ resources, verifiers: [openBook] } as never)
  const host = engine.host
  await host.organizations.create({ id: organization, name: 'Acme' })
  await host.projects.create({ organization, id: 'one', name: 'One' })
  const authMethod = { method: 'open-book' } as never
  const { identity } = await host.identities.create({ organization, name: 'w', authMethod })
  await bindTo(engine, { kind: 'identity', id: identity.id }, [{ rules }])
  const login = (claims: Shown['claims']) => {
    const request = { method: 'open-book', identity: identity.id, credential: { claims } } as never
    return engine.countersign.login(request, HOME)
  }
  const principalOf = (token: string) => engine.countersign.authenticate(token, HOME)
  return { ...engine, identity, login, principalOf }
}

const secret = (environment: string) => ({ project: 'one', environment, path: '/x' })

async function allowedBy(
  { login, principalOf }: Awaited<ReturnType<typeof attested>>,
  claims: Shown['claims'],
): Promise<readonly string[]> {
  const principal = await principalOf((await login(claims)).accessToken)
  return ['prod', 'dev', '*'].filter((one) => canOf(principal, 'secret:read', secret(one)))
}

describe('rules that refer to claims', () => {
  test('are read with those of each login by itself', async () => {
    const workload = await attested(byClaim)
    const { login, principalOf } = workload
    const prod = await principalOf((await login({ env: 'prod' })).accessToken)
    const dev = await principalOf((await login({ env: 'dev' })).accessToken)
    for (const [principal, own, foreign] of [
      [prod, 'prod', 'dev'],
      [dev, 'dev', 'prod'],
    ] as const) {
      expect(canOf(principal, 'secret:read', secret(own))).toBe(true)
      expect(canOf(principal, 'secret:read', secret(foreign))).toBe(false)
    }
    expect(await allowedBy(workload, { env: '*' })).toEqual(['*'])
    expect(await allowedBy(workload, {})).toEqual([])
  })

  test('grant nothing by a claim that is no text, and deny by one', async () => {
    const workload = await attested(byClaim)
    for (const env of [1, true, ['prod'], { toString: 'prod' }, null])
      expect(await allowedBy(workload, { env })).toEqual([])
    const denied = await attested([{ allow: ['secret:read'] }, { deny: ['secret:read'], where }])
    expect(await allowedBy(denied, { env: ['prod'] })).toEqual([])
    expect(await allowedBy(denied, { env: 'prod' })).toEqual(['dev', '*'])
  })

  test('are read with the same claims by a renewed token, and by a kept handle after a change', async () => {
    const workload = await attested(byClaim)
    const { login, principalOf, countersign, identity } = workload
    const { accessToken } = await login({ env: 'prod' })
    const renewed = await countersign.renew(accessToken, HOME)
    const principal = await principalOf(renewed.accessToken)
    await bindTo(workload, { kind: 'identity', id: identity.id }, [
      { rules: [{ allow: ['secret:write'], where }] },
    ])
    expect(canOf(principal, 'secret:read', secret('prod'))).toBe(true)
    expect(canOf(principal, 'secret:write', secret('prod'))).toBe(true)
    expect(canOf(principal, 'secret:write', secret('dev'))).toBe(false)
  })

  test('put no claim in the place of what the engine knows itself', async () => {
    const metadata = { environment: { ref: 'identity.metadata.team' } } as const
    const workload = await attested([{ allow: ['secret:read'], where: metadata }])
    for (const name of ['team', 'metadata.team', 'identity.metadata.team', '../metadata.team'])
      expect(await allowedBy(workload, { [name]: 'prod' })).toEqual([])
  })

  test('bound management by the claims of the login that manages', async () => {
    const manage: Rule = { allow: ['binding:create'] }
    const { login, principalOf, countersign } = await attested([manage, ...byClaim])
    const principal = await principalOf((await login({ env: 'dev' })).accessToken)
    const { roleBindings } = countersign.as(principal)
    const binding = (environment: string) => ({
      organization,
      subject: { user: 'u_1' },
      rules: [{ allow: ['secret:read'], where: { environment } }] as never,
    })
    await roleBindings.create(binding('dev'))
    await expect(roleBindings.create(binding('prod'))).rejects.toMatchObject({
      reason: 'privilege_boundary',
    })
  })
})

describe('login() with claims', () => {
  test.each<[string, Shown['claims']]>([
    ['too many', Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`c${at}`, 'x']))],
    ['too long', { env: 'x'.repeat(4096) }],
    ['too long in bytes', { env: '€'.repeat(2000) }],
    ['too long once they are escaped', { env: '\u0001'.repeat(2000) }],
  ])('refuses those that are %s, rather than leave one out', async (_what, claims) => {
    const engine = await attested(byClaim)
    const error = await refusalOf(engine, () => engine.login(claims))
    expect(error).toMatchObject({ code: 'invalid_credential', reason: 'claims_too_large' })
  })

  test.each<[string, Shown['claims']]>([
    ['of the last length', { env: 'x'.repeat(4000) }],
    ['of many bytes', { env: '€'.repeat(1300) }],
    [
      'of the last number',
      Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`c${at}`, 'x'])),
    ],
  ])('gives a token that can be used with those %s', async (_what, claims) => {
    const { login, principalOf } = await attested(byClaim)
    const { accessToken } = await login(claims)
    expect(accessToken.length).toBeLessThan(8192)
    expect(await principalOf(accessToken)).toMatchObject({ kind: 'identity' })
  })
})
