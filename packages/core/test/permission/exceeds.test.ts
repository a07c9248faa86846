import { describe, expect, test } from 'vitest'
import { builtInRules } from '../../src/model/permission/built-in-rules.ts'
import { canSometimes } from '../../src/model/permission/can-sometimes.ts'
import { compareRoles } from '../../src/model/permission/compare-roles.ts'
import type { SaidRule } from './world.ts'
import { acme, beyond, holding, now, one, stored, together, two, vocabulary } from './world.ts'

const builtIn = (slug: 'admin' | 'member' | 'viewer' | 'no-access', scope = one) =>
  holding(
    builtInRules(vocabulary, scope.project ? 'project' : 'organization')[slug] as SaidRule[],
    { scope },
  )
const reads = (where: SaidRule['where']): SaidRule => ({
  allow: ['secret:read'],
  ...(where && { where }),
})

describe('exceeds()', () => {
  test('ESC-001 shows a viewer what an admin may and the viewer may not', () => {
    const viewer = together([
      { rules: builtInRules(vocabulary, 'project').viewer as SaidRule[] },
      { rules: [{ allow: ['identity:create'] }] },
    ])
    const found = beyond(viewer, builtIn('admin'))
    expect(found?.witness?.request).toMatchObject({ permission: 'secret:write', scope: one })
    expect(beyond(builtIn('admin'), viewer)).toBeUndefined()
  })

  test('ESC-002 compares permissions and conditions, whatever the role is called', () => {
    const viewer = holding([reads({ environment: 'dev' })])
    expect(beyond(viewer, holding([reads({ environment: 'dev' })]))).toBeUndefined()
    expect(beyond(viewer, holding([reads({ environment: 'dev', path: '/a' })]))).toBeUndefined()
    const found = beyond(viewer, holding([reads({ environment: { in: ['dev', 'prod'] } })]))
    expect(found?.witness?.request.attributes).toMatchObject({ environment: 'prod' })
    expect(beyond(viewer, holding([reads(undefined)]))?.permission).toBe('secret:read')
    expect(beyond(viewer, holding([{ allow: ['invoice:read'] }], { scope: acme }))).toBeDefined()
  })

  test('ESC-004 judges what somebody would hold in all, not what is added', () => {
    const caller = holding([reads({ path: { glob: '/apps/**' } })])
    const viewer = { rules: [reads({ path: { glob: '/apps/*' } })] }
    expect(beyond(caller, together([viewer]))).toBeUndefined()
    const withSecond = together([viewer, { rules: [reads({ path: { glob: '/ops/**' } })] }])
    expect(beyond(caller, withSecond)?.witness?.request.attributes).toMatchObject({
      path: expect.stringMatching(/^\/ops/),
    })
  })

  test('ESC-007 compares in the scope where something is granted', () => {
    const admin = builtIn('admin', one)
    expect(beyond(admin, builtIn('member', one))).toBeUndefined()
    expect(beyond(admin, builtIn('member', two))?.witness?.request.scope).toEqual(two)
    const everywhere = holding([{ allow: ['secret:read'] }], { scope: acme })
    expect(beyond(admin, everywhere)?.witness?.request.scope.project).not.toBe('one')
    expect(beyond(builtIn('admin', acme), everywhere)).toBeUndefined()
  })

  test('TEN-005 finds whatever is held in another organization', () => {
    const other = { organization: 'other', project: 'one' }
    const theirs = holding([{ allow: ['secret:read'] }], { scope: other })
    expect(beyond(builtIn('admin', acme), theirs)?.witness?.request.scope).toEqual(other)
  })

  test('counts the actions to come, so that only a wildcard contains a wildcard', () => {
    const all = holding([{ allow: ['secret:read', 'secret:write'] }])
    const wildcard = holding([{ allow: ['secret:*'] }])
    expect(beyond(all, wildcard)).toEqual({ permission: 'secret:*' })
    expect(beyond(wildcard, all)).toBeUndefined()
    const everyWord = [...vocabulary.resources.keys()].map((name) => `${name}:*`)
    const everything = holding(stored([{ allow: everyWord }]))
    expect(beyond(everything, builtIn('admin'))).toEqual({ permission: '*' })
    expect(beyond(builtIn('admin'), everything)).toBeUndefined()
  })

  test('sees that the caller is denied what the other is not', () => {
    const deny: SaidRule = { deny: ['secret:read'], where: { path: { glob: '/apps/secret-*' } } }
    const mine = holding([reads(undefined), deny])
    const found = beyond(mine, holding([reads(undefined)]))
    expect(found?.witness?.request.attributes).toMatchObject({
      path: expect.stringMatching(/^\/apps\/secret-./),
    })
    expect(beyond(mine, holding([reads(undefined), deny]))).toBeUndefined()
    const wider: SaidRule = { deny: ['secret:*'], where: { path: { glob: '/apps/**' } } }
    expect(beyond(mine, holding([reads(undefined), wider]))).toBeUndefined()
    expect(beyond(mine, holding([reads({ path: { glob: '/ops/**' } })]))).toBeUndefined()
  })

  test('puts several rules of the caller together', () => {
    const mine = holding([
      reads({ environment: 'prod' }),
      reads({ environment: { not: 'prod' }, path: { glob: '/a/**' } }),
      reads({ environment: { not: ['prod'] }, path: { not: '/a', glob: '/a*' } }),
    ])
    expect(beyond(mine, holding([reads({ environment: 'dev', path: '/ab' })]))).toBeUndefined()
    expect(
      beyond(
        mine,
        holding([reads({ environment: { in: ['prod', 'dev'] }, path: { glob: '/a/*' } })]),
      ),
    ).toBeUndefined()
    expect(beyond(mine, holding([reads({ environment: 'dev', path: '/b' })]))).toBeDefined()
  })

  test('sees that an absent attribute is a question too', () => {
    const environments = holding([
      reads({ environment: 'prod' }),
      reads({ environment: { not: 'prod' } }),
    ])
    const found = beyond(environments, holding([reads(undefined)]))
    expect(found?.witness?.request.attributes).not.toHaveProperty('environment')
  })

  test('compares windows by inclusion, to the millisecond', () => {
    const at = (by: number) => new Date(now.getTime() + by)
    const rules = [reads(undefined)]
    const mine = holding(rules, { from: at(-10), until: at(10) })
    expect(beyond(mine, holding(rules, { from: at(5), until: at(10) }))).toBeUndefined()
    const longer = beyond(mine, holding(rules, { until: at(11) }))
    expect(longer?.witness?.at).toEqual(at(10))
    expect(beyond(mine, holding(rules, { from: at(-100), until: at(0) }))).toBeUndefined()
    const both = together([
      { rules, until: at(10) },
      { rules, from: at(10), until: at(20) },
    ])
    expect(beyond(both, holding(rules, { until: at(20) }))).toBeUndefined()
  })

  test('takes a reference of theirs for any value, unless it is known', () => {
    const rules = [reads({ environment: { ref: 'identity.claims.env' } })]
    const mine = holding([reads({ environment: 'dev' })])
    const found = beyond(mine, holding(rules))
    expect(found?.witness?.assuming).toEqual({
      'identity.claims.env': found?.witness?.request.attributes?.['environment'],
    })
    const known = holding(rules, { references: { 'identity.claims.env': 'dev' } })
    expect(beyond(mine, known)).toBeUndefined()
    expect(beyond(holding([reads({ environment: { not: 'prod' } })]), holding(rules))).toBeDefined()
    expect(beyond(holding([reads(undefined)]), holding(rules))).toBeUndefined()
  })

  test('counts on no deny that a reference could lift', () => {
    const mine = holding([reads({ environment: { not: 'prod' } })])
    const lifted = holding([
      reads(undefined),
      { deny: ['secret:read'], where: { environment: { not: { ref: 'identity.claims.env' } } } },
    ])
    expect(beyond(mine, lifted)).toBeDefined()
  })

  test('does not let a lost word of mine be forgotten', () => {
    const mine = holding([{ allow: ['secret:*'] }, ...stored([{ deny: ['secret:purge'] }])])
    expect(beyond(mine, mine)).toBeUndefined()
    expect(beyond(mine, holding([{ allow: ['secret:*'] }]))).toEqual({ permission: 'secret:purge' })
    expect(beyond(mine, holding([{ allow: ['secret:read'] }]))).toBeUndefined()
  })

  test('stays within its budget where both sides hold a thousand rules', () => {
    const many = (suffix: string) =>
      Array.from({ length: 1000 }, (_, team) =>
        reads({ environment: { in: ['prod', 'dev'] }, path: { glob: `/team-${team}${suffix}` } }),
      )
    expect(beyond(holding(many('/**')), holding(many('/**')))).toBeUndefined()
    expect(beyond(holding(many('/**')), holding(many('/**').slice(1)))).toBeUndefined()
    expect(beyond(holding(many('/**').slice(1)), holding(many('/**')))?.witness).toBeDefined()
  })

  test('refuses without a witness what it cannot compare within its budget', () => {
    const far = Array.from({ length: 25 }, (_, at) => ({
      allow: ['secret:read'] as const,
      where: { path: { glob: `/**${'?'.repeat(at)}a${'?'.repeat(25)}` } },
    }))
    const found = beyond(holding(far), holding([reads({ path: { glob: '/**a**' } })]))
    expect(found?.permission).toBe('secret:read')
  })
})

describe('compareRoles()', () => {
  test('names who gains and who loses, one witness each', () => {
    const before = holding([reads({ environment: 'dev' })])
    const after = holding([reads({ environment: 'prod' })])
    const { gains, loses } = compareRoles(before, after, now)
    expect(gains?.witness?.request.attributes).toMatchObject({ environment: 'prod' })
    expect(loses?.witness?.request.attributes).toMatchObject({ environment: 'dev' })
    expect(compareRoles(before, before, now)).toEqual({})
  })
})

describe('canSometimes()', () => {
  const sometimes = (rules: readonly SaidRule[], scope = one) =>
    canSometimes(holding(rules), { permission: 'secret:read', scope }, now)

  test('says yes where some values would do', () => {
    expect(sometimes([reads({ environment: 'prod' })])).toBe(true)
    expect(sometimes([reads({ environment: 'prod' })], two)).toBe(false)
    expect(
      sometimes([reads(undefined), { deny: ['secret:read'], where: { environment: 'prod' } }]),
    ).toBe(true)
  })

  test('says no where denies leave nothing over', () => {
    const deny = (where: NonNullable<SaidRule['where']>): SaidRule => ({
      deny: ['secret:read'],
      where,
    })
    expect(sometimes([])).toBe(false)
    expect(sometimes([reads({ environment: 'prod' }), deny({ environment: 'prod' })])).toBe(false)
    expect(sometimes([reads({ path: { glob: '/a/*' } }), deny({ path: { glob: '/a/**' } })])).toBe(
      false,
    )
    expect(sometimes([reads({ path: '/a' }), deny({ path: { ref: 'user.id' } })])).toBe(false)
    const later = new Date(now.getTime() + 1)
    expect(
      canSometimes(
        holding([reads(undefined)], { from: later }),
        { permission: 'secret:read' },
        now,
      ),
    ).toBe(false)
    expect(canSometimes(holding([{ allow: ['*'] }]), { permission: 'secret:drop' }, now)).toBe(
      false,
    )
  })
})
