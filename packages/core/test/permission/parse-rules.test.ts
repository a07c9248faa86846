import { describe, expect, test } from 'vitest'
import { builtInRules, refuseRoleSlug } from '../../src/model/permission/built-in-rules.ts'
import { findUnknownWords } from '../../src/model/permission/find-unknown-words.ts'
import { parseRules } from '../../src/model/permission/parse-rules.ts'
import { compileRuleSet } from '../../src/model/permission/rule-set.ts'
import { problemOf, stored, vocabulary } from './world.ts'

const reads = (where: unknown) => [{ allow: ['secret:read'], where }]

describe('parseRules()', () => {
  test('copies what it accepts', () => {
    const rules = [
      { allow: ['secret:read'], where: { environment: 'prod', path: { glob: '/apps/**' } } },
      { deny: ['*'] },
      { allow: ['invoice:*', 'identity:create'] },
      {
        deny: ['secret:*'],
        where: {
          environment: { in: ['a', { ref: 'identity.metadata.team' }], not: 'b', ref: 'user.id' },
          path: { not: ['/', { ref: 'identity.claims.sub' }] },
        },
      },
    ]
    const parsed = parseRules(vocabulary, rules)
    expect(parsed).toEqual(rules)
    expect(parsed).not.toBe(rules)
  })

  test.each([
    [{}, 'rules must be a list'],
    [Array.from({ length: 1001 }, () => ({ allow: ['*'] })), 'rules must be at most 1000'],
    [[7], 'rules[0] must be an object'],
    [[{ allow: ['*'], deny: ['*'] }], 'rules[0] must have either allow or deny'],
    [[{ allow: ['*'], if: 1 }], 'rules[0] must have no members but allow, deny and where'],
    [[{}], 'rules[0].allow must be a list of 1 to 256 permissions'],
    [[{ deny: [] }], 'rules[0].deny must be a list of 1 to 256 permissions'],
    [[{ allow: '*' }], 'rules[0].allow must be a list of 1 to 256 permissions'],
    [[{ allow: ['secret:drop'] }], 'rules[0].allow[0] must be a permission of the vocabulary'],
    [[{ allow: ['*', '*:*'] }], 'rules[0].allow[1] must be a permission of the vocabulary'],
    [[{ allow: ['secret:*:*'] }], 'rules[0].allow[0] must be a permission of the vocabulary'],
    [reads([]), 'rules[0].where must be an object'],
    [
      reads({ environment: 7 }),
      'rules[0].where.environment must be a text or an object with in, not, glob or ref',
    ],
    [
      reads({ environment: {} }),
      'rules[0].where.environment must have one of in, not, glob and ref',
    ],
    [
      reads({ environment: { in: [] } }),
      'rules[0].where.environment.in must be a list of 1 to 1000 values',
    ],
    [
      reads({ environment: { in: [7] } }),
      'rules[0].where.environment.in[0] must be a text or an object with ref',
    ],
    [
      reads({ environment: { not: null } }),
      'rules[0].where.environment.not must be a text or an object with ref',
    ],
    [
      reads({ environment: 'x'.repeat(1025) }),
      'rules[0].where.environment must be at most 1024 characters long',
    ],
    [reads({ path: 'apps' }), 'rules[0].where.path must be a canonical path'],
    [reads({ path: { in: ['/a', '/a/'] } }), 'rules[0].where.path.in[1] must be a canonical path'],
    [reads({ path: { glob: 'dev/*' } }), 'rules[0].where.path.glob matches no canonical path'],
    [reads({ path: { glob: '/a//**' } }), 'rules[0].where.path.glob matches no canonical path'],
    [reads({ path: { glob: '/a/../**' } }), 'rules[0].where.path.glob matches no canonical path'],
    [reads({ path: { glob: 7 } }), 'rules[0].where.path.glob must be a text'],
  ])('refuses %j and names the field', (rules, problem) => {
    expect(problemOf(rules)).toBe(problem)
  })

  test('PRM-007 refuses globs that are too long or have too many stars', () => {
    expect(problemOf(reads({ path: { glob: `/${'a'.repeat(4096)}` } }))).toMatch(/1024 characters/)
    expect(problemOf(reads({ path: { glob: '/a*'.repeat(200) } }))).toMatch(/32 stars/)
  })

  test('PRM-008 has no operator for regular expressions', () => {
    for (const operator of ['$regex', 'regex', 'matches', '$eq', 'toString', '__proto__'])
      expect(problemOf(reads({ path: JSON.parse(`{"${operator}":"^(a+)+$"}`) }))).toBe(
        'rules[0].where.path must have no members but in, not, glob and ref',
      )
  })

  test('PRM-009 refuses objects that are not plain, regular expressions among them', () => {
    for (const match of [/x/g, new Date(), new Map(), () => 'x', Symbol.iterator, new String('x')])
      for (const where of [{ path: match }, { path: { glob: match } }, { path: { in: [match] } }])
        expect(problemOf(reads(where))).toMatch(/^rules\[0\]\.where\.path/)
  })

  test('PRM-013 refuses attributes that nobody declared, those of every object first', () => {
    const names = [
      '__proto__',
      'constructor',
      'prototype',
      '__proto__.admin',
      'constructor.name',
      'toString',
      'hasOwnProperty',
      'Path',
      'project',
    ]
    for (const name of names)
      expect(problemOf(reads(JSON.parse(`{"${name}":"x"}`)))).toBe(
        'rules[0].where must name attributes that every resource of the rule declares alike',
      )
    for (const ref of [
      'identity.metadata.__proto__',
      'identity.constructor',
      'identity.metadata.',
      '__proto__',
      'identity',
      'identity.claims.a b',
    ])
      expect(problemOf(reads({ path: { ref } }))).toMatch(/^rules\[0\]\.where\.path\.ref must be/)
  })

  test('wants conditions that every resource of the rule has', () => {
    const where = { environment: 'prod' }
    for (const allow of [['*'], ['secret:read', 'invoice:read'], ['identity:read']])
      expect(problemOf([{ allow, where }])).toMatch(/every resource/)
  })

  test('refuses what a role of projects could never be asked', () => {
    expect(problemOf([{ allow: ['invoice:read'] }], 'project')).toBe(
      'rules[0].allow[0] is never asked for in a project',
    )
    expect(problemOf([{ allow: ['secret:read', 'role:read', '*'] }], 'project')).toBeUndefined()
  })
})

describe('findUnknownWords()', () => {
  test('ESC-012 shows the words that the vocabulary does not have', () => {
    const rules = stored([
      { allow: ['secret:read'] },
      { allow: ['secret:purge', 'vault:*', 'undefined:*', '*:*'] },
      { deny: ['secret:read'], where: { region: 'eu', path: { prefix: '/' } } },
    ])
    expect(findUnknownWords(compileRuleSet(vocabulary, rules))).toEqual([
      { rule: 1, effect: 'allow', words: ['secret:purge', 'vault:*', 'undefined:*', '*:*'] },
      { rule: 2, effect: 'deny', words: ['region', 'prefix'] },
    ])
  })
})

describe('builtInRules()', () => {
  test('lists what a member and a viewer may, and leaves the rest to wildcards', () => {
    const { admin, member, viewer, 'no-access': none } = builtInRules(vocabulary, 'project')
    const everybody = ['identity:read', 'role:read', 'project:read']
    expect(admin).toEqual([{ allow: ['*'] }])
    expect(member).toEqual([{ allow: ['secret:read', 'secret:write', ...everybody] }])
    expect(viewer).toEqual([{ allow: ['secret:read', ...everybody] }])
    expect(none).toEqual([])
    expect(builtInRules(vocabulary, 'organization').member).toEqual([
      { allow: ['invoice:read', 'invoice:approve', ...everybody] },
    ])
  })

  test('are rules that anybody could save', () => {
    for (const scope of ['organization', 'project'] as const)
      for (const rules of Object.values(builtInRules(vocabulary, scope)))
        expect(problemOf(rules, scope)).toBeUndefined()
  })
})

describe('refuseRoleSlug()', () => {
  test.each([
    'Admin',
    ' admin',
    'ADMIN',
    'admin\u200b',
    'admin',
    'member',
    'viewer',
    'no-access',
    '',
    'a b',
    7,
    '..',
  ])('PRM-014 refuses %j', (slug) => expect(refuseRoleSlug(slug)).toMatch(/^slug /))

  test('accepts another one', () => expect(refuseRoleSlug('deployer')).toBeUndefined())
})
