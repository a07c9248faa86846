import { describe, expect, test } from 'vitest'
import { compileRules } from '../../src/model/permission/compile-rules.ts'
import { decide } from '../../src/model/permission/decide.ts'
import { compileRuleSet } from '../../src/model/permission/rule-set.ts'
import { compileVocabulary } from '../../src/model/permission/vocabulary.ts'
import {
  acme,
  ask,
  holding,
  now,
  one,
  permutations,
  stored,
  together,
  two,
  vocabulary,
} from './world.ts'

const prod = { environment: 'prod', path: '/apps/api' }

describe('decide()', () => {
  test('PRM-001 says no to whoever holds nothing, and to what nobody has declared', () => {
    expect(ask(together([]), prod)).toBe('not_granted')
    expect(ask(holding([]), prod)).toBe('not_granted')
    const admin = holding([{ allow: ['*'] }], { scope: acme })
    for (const permission of [
      'secret:drop',
      'vault:read',
      '*',
      'secret:*',
      'secret',
      '',
      'toString',
    ])
      expect(ask(admin, prod, { permission })).toBe('unknown_permission')
  })

  test('PRM-002 lets a deny win in every order, within one role and over two', () => {
    const rules = [
      { allow: ['secret:*'] },
      { deny: ['secret:read'], where: { environment: 'prod', path: { glob: '/apps/*' } } },
      { allow: ['secret:read'], where: { path: '/apps/api' } },
    ] as const
    for (const order of permutations(rules)) {
      expect(ask(holding(order), prod)).toBe('denied')
      expect(ask(together(order.map((rule) => ({ rules: [rule] }))), prod)).toBe('denied')
      expect(ask(holding(order), { ...prod, environment: 'dev' })).toBe('granted')
    }
  })

  test('PRM-003 lets no other spelling of a path pass a deny', () => {
    const who = holding([{ allow: ['*'] }, { deny: ['*'] }])
    const careful = holding([
      { allow: ['secret:read'] },
      { deny: ['secret:read'], where: { path: { glob: '/prod/**' } } },
    ])
    for (const path of ['/prod', '/prod/x']) {
      expect(ask(careful, { path })).toBe('denied')
      expect(ask(who, { path })).toBe('denied')
    }
    for (const path of [
      '/prod/',
      '/prod//',
      '/prod//x',
      '/./prod',
      '/prod/.',
      'prod',
      '/x/../prod',
    ])
      expect(ask(careful, { path })).toBe('path_not_canonical')
  })

  test('PRM-012 compares texts only, and takes nothing for a text that is none', () => {
    const who = holding([{ allow: ['secret:read'], where: { environment: '1' } }])
    expect(ask(who, { environment: '1' })).toBe('granted')
    const others = [1, ['1'], { toString: () => '1' }, true, null, new String('1')]
    for (const environment of others) expect(ask(who, { environment })).toBe('attribute_not_text')
  })

  test('PRM-013 reads own members only', () => {
    const who = holding([{ allow: ['secret:read'], where: { environment: 'prod' } }])
    const inherited: Record<string, unknown> = Object.create({ environment: 'prod' })
    expect(ask(who, inherited)).toBe('not_granted')
    expect(ask(who, JSON.parse('{"__proto__":{"environment":"prod"}}'))).toBe('not_granted')
  })

  test('PRM-015 compares what a principal calls itself as it stands', () => {
    for (const team of ['*', 'a/*', 'a,b', '**', '}}{{identity.id}}', '{{identity.id}}', '?']) {
      const references = { 'identity.metadata.team': team, 'identity.id': 'idn_1' }
      const rules = [
        { allow: ['secret:read'], where: { environment: { ref: 'identity.metadata.team' } } },
      ] as const
      const who = holding(rules, { references })
      for (const environment of ['a', 'b', 'a/x', 'prod', 'idn_1', ''])
        expect(ask(who, { environment })).toBe('not_granted')
      expect(ask(who, { environment: team })).toBe('granted')
    }
  })

  test('PRM-018 opens a window at its first instant and closes it before its last', () => {
    const from = new Date(now.getTime() + 1000)
    const until = new Date(now.getTime() + 2000)
    const who = holding([{ allow: ['secret:read'] }], { from, until })
    const at = (instant: Date, by: number) =>
      ask(who, prod, { at: new Date(instant.getTime() + by) })
    expect([at(from, -1), at(from, 0)]).toEqual(['not_granted', 'granted'])
    expect([at(until, -1), at(until, 0)]).toEqual(['granted', 'not_granted'])
    expect(ask(who, prod, { at: new Date(Number.NaN) })).toBe('not_granted')
  })

  test('PRM-018 ends a deny with its window, and not before', () => {
    const until = new Date(now.getTime() + 1)
    const who = together([
      { rules: [{ allow: ['secret:read'] }] },
      { rules: [{ deny: ['secret:read'] }], until },
    ])
    expect(ask(who, prod)).toBe('denied')
    expect(ask(who, prod, { at: until })).toBe('granted')
  })

  test('TEN-005 knows an organization by its whole name, whatever its projects are called', () => {
    const who = together([
      { rules: [{ allow: ['*'] }], scope: { organization: 'a' } },
      { rules: [{ allow: ['*'] }], scope: { organization: 'a', project: 'b:c' } },
    ])
    const allowed = { organization: 'a', project: 'b:c' }
    expect(ask(who, prod, { scope: allowed })).toBe('granted')
    for (const organization of ['a:b', 'A', 'a ', '', 'b', '__proto__'])
      for (const project of ['c', 'b:c', 'one'])
        expect(ask(who, prod, { scope: { organization, project } })).toBe('not_granted')
  })

  test('lets a role of the organization reach its projects, and one of a project nothing else', () => {
    const wide = holding([{ allow: ['secret:read', 'invoice:read'] }], { scope: acme })
    const narrow = holding([{ allow: ['secret:read', 'role:read'] }])
    for (const scope of [one, two]) expect(ask(wide, prod, { scope })).toBe('granted')
    expect(ask(narrow, prod, { scope: two })).toBe('not_granted')
    expect(ask(narrow, {}, { permission: 'role:read', scope: acme })).toBe('not_granted')
    expect(ask(narrow, {}, { permission: 'role:read', scope: one })).toBe('granted')
    expect(ask(wide, {}, { permission: 'invoice:read', scope: acme })).toBe('granted')
  })

  test('refuses a question in the wrong scope', () => {
    const admin = holding([{ allow: ['*'] }], { scope: acme })
    expect(ask(admin, prod, { scope: acme })).toBe('wrong_scope')
    expect(ask(admin, {}, { permission: 'invoice:read', scope: one })).toBe('wrong_scope')
  })

  test('takes an absent attribute for unknown: no allow, but every deny', () => {
    const who = (rule: object) => holding([{ allow: ['secret:write'] }, ...stored([rule])])
    const where = { environment: { not: 'dev' } }
    expect(ask(who({ allow: ['secret:read'], where }), { path: '/' })).toBe('not_granted')
    const denied = who({ deny: ['secret:write'], where: { ...where, path: '/a' } })
    const permission = 'secret:write'
    expect(ask(denied, { path: '/a' }, { permission })).toBe('denied')
    expect(ask(denied, { path: '/b' }, { permission })).toBe('granted')
  })

  test('ESC-012 grants nothing by words that it does not know, and denies all it can', () => {
    const allows = [
      { allow: ['secret:everything'] },
      { allow: ['*:*'] },
      { allow: ['secret:read', 'secret:everything'] },
      { allow: ['secret:read'], where: { region: 'eu' } },
      { allow: ['secret:read'], where: { path: { prefix: '/' } } },
      { allow: ['secret:read'], where: { path: { glob: '/**', regex: '.*' } } },
      { allow: ['secret:read'], where: { path: 7 } },
      { allow: 'secret:read'.split(' '), where: { path: {} } },
    ]
    for (const rule of allows) expect(ask(holding(stored([rule])), prod)).toBe('not_granted')
    const denies = [
      { deny: ['secret:read', 'secret:everything'] },
      { deny: ['secret:read'], where: { region: 'eu' } },
      { deny: ['secret:read'], where: { path: { prefix: '/x' } } },
    ]
    for (const rule of denies) {
      const who = holding([{ allow: ['*'] }, ...stored([rule])])
      expect(ask(who, prod)).toBe('denied')
      expect(ask(who, prod, { permission: 'secret:write' })).toBe('granted')
    }
  })

  test('allocates no answer: equal answers are the same one', () => {
    const who = holding([{ allow: ['secret:read'] }])
    const request = { permission: 'secret:read', scope: one, attributes: prod }
    expect(decide(who, request, now)).toBe(decide(who, request, now))
    expect(Object.isFrozen(decide(who, request, now))).toBe(true)
  })

  test('asks few of many rules once it has been asked a few times', () => {
    const rules = Array.from({ length: 1000 }, (_, team) => ({
      allow: ['secret:read'] as const,
      where: { environment: { in: ['prod', 'dev'] }, path: { glob: `/team-${team}/**` } },
    }))
    const who = holding(rules)
    for (let round = 1; round <= 20; round++) {
      expect(ask(who, { environment: 'prod', path: `/team-${round}` })).toBe('granted')
      expect(ask(who, { environment: 'prod', path: `/team-${round}0/x` })).toBe('granted')
      expect(ask(who, { environment: 'test', path: `/team-${round}/x` })).toBe('not_granted')
      expect(ask(who, { environment: 'prod', path: `/team${round}/x` })).toBe('not_granted')
    }
    const [held] = who.byProject.get('one') ?? []
    const asked = who.vocabulary.permissions.get('secret:read')
    expect(asked && held?.rules.about(asked).allows.index()?.cost).toBeLessThan(20)
  })
})

describe('compileRules()', () => {
  test('refuses rules that speak another vocabulary', () => {
    const foreign = compileRuleSet(compileVocabulary({}), [{ allow: ['*'] }])
    expect(() =>
      compileRules(vocabulary, [{ binding: 'bnd_1', scope: acme, rules: foreign }]),
    ).toThrow(TypeError)
  })

  test('shares a rule set among all who hold an equal role', () => {
    const rules = compileRuleSet(vocabulary, [
      { allow: ['secret:read'], where: { environment: { ref: 'identity.metadata.team' } } },
    ])
    const holder = (team: string) =>
      compileRules(
        vocabulary,
        [{ binding: 'bnd_1', role: 'reader', scope: acme, rules }],
        new Map([['identity.metadata.team', team]]),
      )
    const [first, second] = [holder('prod'), holder('dev')]
    expect(first.everywhere[0]?.rules).toBe(second.everywhere[0]?.rules)
    expect(ask(first, prod)).toBe('granted')
    expect(ask(second, prod)).toBe('not_granted')
  })
})
