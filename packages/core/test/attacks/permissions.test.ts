import { describe, expect, test } from 'vitest'
import type { Rule } from '../../src/model/rule.ts'
import { permutations } from '../permission/world.ts'
import { anEngine } from '../support/engine.ts'
import type { Actor } from '../support/house.ts'
import { aHouse, allowing, anActor, bindTo, canOf, errorOf, KINDS } from '../support/house.ts'

const organization = 'acme'

/** A secret of project `one`. */
const secret = (environment: unknown, path: unknown = '/x') => ({
  project: 'one',
  environment,
  path,
})

/** What `authorize` throws, as a caller sees it. */
async function authorized(
  { principal }: Actor,
  permission: string,
  said: object = {},
): Promise<unknown> {
  return errorOf(async () =>
    (principal.authorize as (permission: string, said: object) => void)(permission, said),
  )
}

/** What somebody of a kind may do by rules that are bound to it. */
async function ruledBy(kind: (typeof KINDS)[number], rules: readonly unknown[]): Promise<Actor> {
  return anActor(await aHouse(), kind, [{ rules: rules as readonly Rule[] }])
}

const stored = { organization, slug: 'written', name: 'Written' }

/** What is said about rules by whoever would store them: the host, and an admin of the organization. */
async function problemsOf(rules: unknown): Promise<readonly unknown[]> {
  const house = await aHouse()
  const admin = await anActor(house, 'a vouched user', [{ role: 'admin' }])
  const wanted = { ...stored, rules } as never
  return [
    await errorOf(() => house.host.roles.create(wanted)),
    await errorOf(() => admin.manage.roles.create(wanted)),
  ]
}

describe.each(KINDS)('authorize() for %s', (kind) => {
  test('PRM-001 refuses everything to whoever holds nothing, and what no vocabulary has', async () => {
    const actor = await ruledBy(kind, [])
    const questions = [
      ['secret:read', secret('prod')],
      ['identity:read', {}],
      ['secret:shred', secret('prod')],
      ['nothing:read', {}],
      ['*', {}],
      ['secret:*', secret('prod')],
    ] as const
    for (const [permission, said] of questions) {
      expect(actor.can(permission, said)).toBe(false)
      expect(await authorized(actor, permission, said)).toMatchObject({
        code: 'permission_denied',
        reason: 'forbidden',
        details: { refusal: 'missing_permission', permission },
      })
    }
  })

  test('PRM-002 lets a deny win in every order, and from any role', async () => {
    const rules: readonly Rule[] = [
      { allow: ['secret:*'] },
      { deny: ['secret:read'], where: { path: { glob: '/prod/**' } } },
      { allow: ['secret:read'], where: { path: '/prod/x' } },
    ]
    const house = await aHouse()
    for (const order of permutations(rules))
      for (const held of [[{ rules: order }], order.map((rule) => ({ rules: [rule] }))]) {
        const actor = await anActor(house, kind, held)
        expect(actor.can('secret:read', secret('e', '/prod/x'))).toBe(false)
        expect(actor.can('secret:write', secret('e', '/prod/x'))).toBe(true)
      }
  })

  test('PRM-003 answers no to every other spelling of a denied folder', async () => {
    const actor = await ruledBy(kind, [
      { allow: ['secret:read'] },
      { deny: ['secret:read'], where: { path: { glob: '/prod/**' } } },
    ])
    const spellings = [
      '/prod',
      '/prod/',
      '/prod//',
      './prod',
      '/prod/.',
      '/./prod',
      '//prod',
      '/x/../prod',
    ]
    for (const path of [...spellings, '/prod\\', '/prod/x/', 'prod', '/prod\n'])
      expect([path, actor.can('secret:read', secret('e', path))]).toEqual([path, false])
    expect(actor.can('secret:read', secret('e', '/product'))).toBe(true)
  })

  test('PRM-004 reads * as one segment and ** as any number', async () => {
    const single = await ruledBy(kind, [
      { allow: ['secret:read'], where: { path: { glob: '/dev/*' } } },
    ])
    const paths = ['/dev/a', '/dev/a/b', '/dev/', '/devx/a', '/dev']
    expect(paths.filter((path) => single.can('secret:read', secret('e', path)))).toEqual(['/dev/a'])
    const any = await ruledBy(kind, [
      { allow: ['secret:read'], where: { path: { glob: '/dev/**' } } },
    ])
    expect(paths.filter((path) => any.can('secret:read', secret('e', path)))).toEqual([
      '/dev/a',
      '/dev/a/b',
      '/dev',
    ])
  })

  test('PRM-005 takes every sign of a value for itself', async () => {
    const names = [
      'a*b',
      '[x]',
      '{a,b}',
      '!x',
      'a\\b',
      '(x)',
      '+(x)',
      'a\nb',
      'a?b',
      '**',
      '$x',
      '^x',
    ]
    const others = ['aXb', 'x', 'a', 'b', 'y', 'ab', 'xx', 'aab', 'anything', '']
    const house = await aHouse()
    for (const environment of names) {
      const actor = await anActor(house, kind, [
        { rules: [{ allow: ['secret:read'], where: { environment } }] },
      ])
      const allowed = [...names, ...others].filter((name) => actor.can('secret:read', secret(name)))
      expect(allowed).toEqual([environment])
    }
  })

  test('PRM-005 has no pattern but *, ** and ? in a glob', async () => {
    const actor = await ruledBy(kind, [
      { allow: ['secret:read'], where: { environment: { glob: '[x]{a,b}!(c)+(d)\\.' } } },
    ])
    expect(actor.can('secret:read', secret('[x]{a,b}!(c)+(d)\\.'))).toBe(true)
    for (const other of ['xa', 'xb', 'xad.', '[x]a!(c)+(d)\\.'])
      expect(actor.can('secret:read', secret(other))).toBe(false)
  })

  test('PRM-012 compares texts with texts alone', async () => {
    const actor = await ruledBy(kind, [
      { allow: ['secret:read'], where: { environment: '1' } },
      { allow: ['secret:read'], where: { environment: { not: 'x' } } },
    ])
    expect(actor.can('secret:read', secret('1'))).toBe(true)
    const look = { toString: () => '1', valueOf: () => '1' }
    for (const value of [1, ['1'], look, true, new String('1'), null, Symbol('1'), 1n])
      expect(actor.can('secret:read', secret(value))).toBe(false)
  })

  test('PRM-012 asks in no project that is no text', async () => {
    const actor = await ruledBy(kind, [{ allow: ['secret:read', 'invoice:read'] }])
    for (const project of [null, 1, ['one'], { toString: () => 'one' }, ''])
      expect(actor.can('secret:read', { ...secret('e'), project })).toBe(project === '')
    expect(actor.can('invoice:read', { organization: 'other' })).toBe(false)
  })

  test('PRM-013 reads nothing that a question only inherits', async () => {
    const actor = await ruledBy(kind, [{ allow: ['secret:read'], where: { environment: 'prod' } }])
    const inherited = Object.assign(Object.create(secret('prod')), { project: 'one', path: '/x' })
    expect(actor.can('secret:read', inherited)).toBe(false)
    const parsed = JSON.parse('{"__proto__":{"environment":"prod"},"project":"one","path":"/x"}')
    expect(actor.can('secret:read', parsed)).toBe(false)
  })

  test('PRM-018 ends a temporary role at its very instant, on a kept handle too', async () => {
    const house = await aHouse()
    const until = new Date('2026-03-01T13:00:00.000Z')
    const actor = await anActor(house, kind, [
      { ...allowing('secret:read'), until },
      { ...allowing('secret:write'), from: until },
    ])
    house.clock.set(new Date(until.getTime() - 1))
    await actor.principal.refresh()
    expect(actor.can('secret:read', secret('e'))).toBe(true)
    expect(actor.can('secret:write', secret('e'))).toBe(false)
    house.clock.set(until)
    expect(actor.can('secret:read', secret('e'))).toBe(false)
    expect(actor.can('secret:write', secret('e'))).toBe(true)
  })
})

describe('roles.create()', () => {
  test('PRM-007 refuses patterns beyond 1,024 characters or 32 stars, and matches the rest in no time', async () => {
    const hostile = [`/${'*a'.repeat(2048)}`, `/${'*a'.repeat(200)}`, `/${'a'.repeat(1024)}`]
    for (const glob of hostile)
      for (const error of await problemsOf([{ allow: ['secret:read'], where: { path: { glob } } }]))
        expect(error).toMatchObject({ code: 'invalid_request' })
    const worst = `/${'**a'.repeat(16)}b`
    const actor = await ruledBy('an identity', [
      { allow: ['secret:read'], where: { path: { glob: worst } } },
    ])
    const began = performance.now()
    expect(actor.can('secret:read', secret('e', `/${'a'.repeat(65_536)}`))).toBe(false)
    expect(performance.now() - began).toBeLessThan(500)
  })

  test('PRM-008 PRM-009 refuses regular expressions, however they are written, stored or in code', async () => {
    for (const environment of EXPRESSIONS) {
      const rules = [{ allow: ['secret:read'], where: { environment } }]
      for (const error of await problemsOf(rules))
        expect(error).toMatchObject({
          code: 'invalid_request',
          message: expect.stringMatching(/^rules/),
        })
      const attributes = { environment: 'text' }
      const resources = { secret: { scope: 'project', actions: ['read'], attributes } }
      const roles = { reader: { scope: 'project', rules } }
      expect(() => anEngine({ resources, roles } as never)).toThrow(
        expect.objectContaining({ code: 'invalid_request' }),
      )
    }
  })

  test('PRM-013 refuses attributes and references that every object inherits', async () => {
    const wheres = [
      JSON.parse('{"__proto__":"x"}'),
      { 'constructor.name': 'x' },
      { constructor: 'x' },
      { '__proto__.admin': 'x' },
      { environment: { ref: 'identity.__proto__.admin' } },
      ...['__proto__', 'constructor', 'prototype'].map((name) => ({
        environment: { ref: `identity.metadata.${name}` },
      })),
    ]
    for (const where of wheres)
      for (const error of await problemsOf([{ allow: ['secret:read'], where }]))
        expect(error).toMatchObject({ code: 'invalid_request' })
  })

  test('PRM-014 refuses every slug that could be read as another one', async () => {
    const house = await aHouse()
    const admin = await anActor(house, 'a vouched user', [{ role: 'admin' }])
    const { id } = await house.host.roles.create({ ...stored, rules: [] })
    for (const slug of ODD_SLUGS) {
      const refused = { code: 'invalid_request', message: expect.stringMatching(/^slug/) }
      for (const { roles } of [house.host, admin.manage]) {
        const wanted = { ...stored, slug, rules: [] }
        expect(await errorOf(() => roles.create(wanted))).toMatchObject(refused)
        const change = { organization, id, slug }
        expect(await errorOf(() => roles.update(change))).toMatchObject(refused)
      }
    }
  })
})

const EXPRESSIONS = [
  { $regex: '^(a+)+$' },
  { regex: '^(a+)+$' },
  { matches: '^(a+)+$' },
  /x/g,
  { glob: /x/g },
  { in: [/x/g] },
  { not: /x/g },
]

const ODD_SLUGS = [
  'Admin',
  ' admin',
  'ADMIN',
  'admin\u200b',
  'admin ',
  'admin',
  '\u0430dmin',
  'rol_x',
  '',
]

describe('can()', () => {
  test('PRM-015 takes metadata for nothing but itself', async () => {
    const house = await aHouse()
    const where = { environment: { ref: 'identity.metadata.team' } } as const
    const held = [{ rules: [{ allow: ['secret:read'], where }] as const }]
    const actor = await anActor(house, 'an identity', held)
    const { id } = actor.subject
    for (const team of ['*', 'a/*', 'a,b', '}}{{identity.id}}', '**', '?']) {
      await house.host.identities.update({ organization, id, metadata: { team } })
      const tried = ['a', 'a/b', 'b', id, 'x', team]
      expect(tried.filter((one) => actor.can('secret:read', secret(one)))).toEqual([team])
      for (const kind of KINDS.slice(1)) {
        const user = await anActor(house, kind, held)
        expect(tried.filter((one) => user.can('secret:read', secret(one)))).toEqual([])
      }
    }
  })

  test('PRM-017 ends with a role that is taken away: here at once, beside it once it is asked', async () => {
    const house = await aHouse()
    const beside = await aHouse({ beside: house })
    const [binding] = await bindTo(house, { kind: 'user', id: 'u_1' }, [allowing('secret:read')])
    const claim = { user: 'u_1', organization, bindings: 'stored' } as const
    const here = await house.countersign.principalFor(claim)
    const there = await beside.countersign.principalFor(claim)
    expect(canOf(there, 'secret:read', secret('e'))).toBe(true)
    await house.host.roleBindings.delete({ organization, id: binding?.id ?? '' })
    expect(canOf(here, 'secret:read', secret('e'))).toBe(false)
    await there.refresh()
    expect(canOf(there, 'secret:read', secret('e'))).toBe(false)
  })
})
