import { describe, expect, test } from 'vitest'
import { conditions } from '../../src/model/permission/conditions.ts'
import { explain } from '../../src/model/permission/explain.ts'
import { acme, holding, now, one, stored, together, two } from './world.ts'

const request = (attributes: Readonly<Record<string, string>>, scope = one) => ({
  permission: 'secret:read',
  scope,
  attributes,
})

describe('explain()', () => {
  test('names the rule that allowed, its role and its binding', () => {
    const rule = { allow: ['secret:read'], where: { environment: 'prod' } } as const
    const who = together([
      { rules: [] },
      { rules: [{ allow: ['invoice:read'] }, rule], scope: acme },
    ])
    expect(explain(who, request({ environment: 'prod' }), now)).toEqual({
      allowed: true,
      reason: 'granted',
      by: { binding: 'bnd_1', role: 'role-1', scope: acme, index: 1, rule },
    })
  })

  test('names the rule that denied', () => {
    const who = holding([{ allow: ['secret:*'] }, { deny: ['*'] }])
    expect(explain(who, request({}), now)).toMatchObject({
      allowed: false,
      reason: 'denied',
      by: { index: 1, rule: { deny: ['*'] } },
    })
  })

  test('names the nearest rule and what it missed', () => {
    const who = holding([
      { allow: ['secret:read'], where: { environment: 'dev', path: '/a' } },
      { allow: ['secret:read'], where: { environment: 'prod', path: { glob: '/b/**' } } },
    ])
    const { nearest } = explain(who, request({ environment: 'prod', path: '/a' }), now)
    expect(nearest).toMatchObject({ index: 0 })
    expect(nearest?.misses).toEqual([{ kind: 'attribute', attribute: 'environment', known: true }])
    const absent = explain(who, request({ path: '/b' }), now).nearest
    expect(absent?.misses).toEqual([{ kind: 'attribute', attribute: 'environment', known: false }])
  })

  test('tells the place, the time and lost words from attributes', () => {
    const until = new Date(now.getTime() - 1)
    const rules = [{ allow: ['secret:read'] }] as const
    const missesOf = (who: ReturnType<typeof holding>) =>
      explain(who, request({}), now).nearest?.misses
    expect(missesOf(holding(rules, { scope: two }))).toEqual([{ kind: 'scope' }])
    expect(missesOf(holding(rules, { until }))).toEqual([{ kind: 'window', until }])
    const lost = holding(stored([{ allow: ['secret:read', 'secret:purge'] }]))
    expect(missesOf(lost)).toEqual([{ kind: 'unknown', words: ['secret:purge'] }])
  })

  test('says nothing of what is held in another organization', () => {
    const who = holding([{ allow: ['*'] }], { scope: { organization: 'other' } })
    expect(explain(who, request({}), now)).toEqual({ allowed: false, reason: 'not_granted' })
  })
})

describe('conditions()', () => {
  const rows = (rules: Parameters<typeof holding>[0], references = {}) =>
    conditions(holding(rules, { references }), { permission: 'secret:read', scope: one }, now)

  test('says all, none, or which', () => {
    expect(rows([{ allow: ['*'] }])).toBe('all')
    expect(rows([])).toBe('none')
    expect(rows([{ allow: ['*'] }, { deny: ['secret:*'] }])).toBe('none')
    expect(
      rows([
        {
          allow: ['secret:read'],
          where: { environment: { in: ['a', 'b'] }, path: { glob: '/x/*' } },
        },
        { deny: ['secret:read'], where: { path: { not: '/x/y' } } },
      ]),
    ).toEqual({
      anyOf: [
        [
          { attribute: 'environment', in: ['a', 'b'] },
          { attribute: 'path', glob: '/x/*', separators: '/' },
        ],
      ],
      noneOf: [[{ attribute: 'path', not: ['/x/y'] }]],
    })
  })

  test('puts in what references stand for, and nothing for the others', () => {
    const ref = 'identity.metadata.team'
    const rules = [
      { allow: ['secret:read'], where: { environment: { in: ['a', { ref }] } } },
    ] as const
    expect(rows(rules, { [ref]: '*' })).toMatchObject({
      anyOf: [[{ attribute: 'environment', in: ['a', '*'] }]],
    })
    expect(rows(rules)).toMatchObject({ anyOf: [[{ attribute: 'environment', in: ['a'] }]] })
    expect(
      rows([{ allow: ['*'] }, { deny: ['secret:read'], where: { environment: { ref } } }]),
    ).toBe('none')
  })

  test('says none where a permission is not asked for', () => {
    const admin = holding([{ allow: ['*'] }], { scope: acme })
    expect(conditions(admin, { permission: 'secret:read', scope: acme }, now)).toBe('none')
    expect(conditions(admin, { permission: 'secret:drop', scope: one }, now)).toBe('none')
    const other = { organization: 'other', project: 'one' }
    expect(conditions(admin, { permission: 'secret:read', scope: other }, now)).toBe('none')
  })
})
