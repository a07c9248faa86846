import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Exceeding } from '../../src/model/permission/exceeds.ts'
import { exceeds } from '../../src/model/permission/exceeds.ts'
import type { Match, Rule } from '../../src/model/rule.ts'
import { seeded } from './generators.ts'
import type { Asked, Bound, Holder } from './naive.ts'
import { naiveCan } from './naive.ts'
import { allQuestions, compiled, holders } from './universe.ts'

type Compare = (mine: Holder, theirs: Holder, from: number) => Exceeding | undefined

const honest: Compare = (mine, theirs, from) =>
  exceeds(compiled(mine), compiled(theirs), new Date(from))

/** Every way in which references that stand for nothing could turn out. */
function possible(holder: Holder): readonly Holder[] {
  const said = JSON.stringify(holder.bound)
  const choices = (ref: string, values: readonly string[]) =>
    holder.references[ref] === undefined && said.includes(ref)
      ? [{}, ...values.map((value) => ({ [ref]: value }))]
      : [{}]
  return choices('identity.metadata.team', ['prod', 'x', '/a/b']).flatMap((team) =>
    choices('identity.claims.ref', ['dev', '*', '/b']).map((claim) => ({
      ...holder,
      references: { ...holder.references, ...team, ...claim },
    })),
  )
}

const everything = new Map([0, 10].map((from) => [from, allQuestions(from)]))

/** A request that the other may make, however its references turn out, and the first may not. */
function findRequest(mine: Holder, theirs: Holder, from: number): Asked | undefined {
  const turned = possible(theirs)
  return everything
    .get(from)
    ?.find((asked) => turned.some((other) => naiveCan(other, asked)) && !naiveCan(mine, asked))
}

function isReal(mine: Holder, theirs: Holder, witness: NonNullable<Exceeding['witness']>): boolean {
  const { permission, scope, attributes } = witness.request
  const asked: Asked = {
    permission,
    scope,
    attributes: attributes as Asked['attributes'],
    at: witness.at.getTime(),
  }
  const other = { ...theirs, references: { ...theirs.references, ...witness.assuming } }
  return naiveCan(other, asked) && !naiveCan(mine, asked)
}

const pairs = (withWildcards: boolean) =>
  fc
    .tuple(holders(withWildcards), holders(withWildcards), fc.constantFrom('other', 'more', 'less'))
    .map(([first, second, relation]): readonly [Holder, Holder] => {
      const both = { ...first, bound: [...first.bound, ...second.bound] }
      if (relation === 'more') return [both, first]
      return relation === 'less' ? [first, both] : [first, second]
    })

interface Count {
  compared: number
  contained: number
  proved: number
  unproved: number
  /** Unproved, and no request of the small world is beyond the first. */
  conservative: number
  /** Conservative for the sake of actions to come: the words alone decide. */
  toCome: number
  unsound: number
  unreal: number
}

function compareAll(compare: Compare, withWildcards: boolean, runs: number): Count {
  const count: Count = {
    compared: 0,
    contained: 0,
    proved: 0,
    unproved: 0,
    conservative: 0,
    toCome: 0,
    unsound: 0,
    unreal: 0,
  }
  fc.assert(
    fc.property(pairs(withWildcards), fc.constantFrom(0, 10), ([mine, theirs], from) => {
      count.compared++
      const found = compare(mine, theirs, from)
      if (found === undefined) {
        count.contained++
        if (findRequest(mine, theirs, from) !== undefined) count.unsound++
        return
      }
      if (found.witness === undefined) {
        count.unproved++
        if (findRequest(mine, theirs, from) !== undefined) return
        count.conservative++
        if (found.permission.endsWith('*')) count.toCome++
        return
      }
      count.proved++
      if (!isReal(mine, theirs, found.witness)) count.unreal++
    }),
    seeded(runs),
  )
  return count
}

const without = (holder: Holder, change: (rule: Rule) => readonly Rule[]): Holder => ({
  ...holder,
  bound: holder.bound.map((bound) => ({ ...bound, rules: bound.rules.flatMap(change) })),
})

const rebind = (holder: Holder, change: (bound: Bound) => Bound): Holder => ({
  ...holder,
  bound: holder.bound.map(change),
})

/** A glob that is taken for the text it is written in. */
function toLiteral(rule: Rule): Rule {
  const where = Object.entries<Match | undefined>(rule.where ?? {}).map(([name, match]) => {
    const glob = typeof match === 'object' ? match.glob : undefined
    return [name, glob === undefined ? match : { in: [glob] }]
  })
  return { ...rule, ...(rule.where && { where: Object.fromEntries(where) }) } as Rule
}

const saboteurs: Readonly<Record<string, Compare>> = {
  'forgets the denies of the caller': (mine, theirs, from) =>
    honest(
      without(mine, (rule) => (rule.deny ? [] : [rule])),
      theirs,
      from,
    ),
  'skips denies with conditions': (mine, theirs, from) =>
    honest(
      without(mine, (rule) => (rule.deny && rule.where ? [] : [rule])),
      theirs,
      from,
    ),
  'compares globs as strings': (mine, theirs, from) =>
    honest(
      mine,
      without(theirs, (rule) => [toLiteral(rule)]),
      from,
    ),
  'takes the end of a window in': (mine, theirs, from) =>
    honest(
      rebind(mine, ({ until, ...bound }) => ({
        ...bound,
        ...(until !== undefined && { until: until + 1 }),
      })),
      theirs,
      from,
    ),
  'forgets windows': (mine, theirs, from) =>
    honest(
      rebind(mine, ({ scope, rules }) => ({ scope, rules })),
      theirs,
      from,
    ),
  'ignores the organization': (mine, theirs, from) => {
    const inAcme = (bound: Bound) => ({ ...bound, scope: { ...bound.scope, organization: 'acme' } })
    return honest(rebind(mine, inAcme), rebind(theirs, inAcme), from)
  },
  'takes a reference for nothing': (mine, theirs, from) =>
    honest(
      mine,
      without(theirs, (rule) => (JSON.stringify(rule).includes('"ref"') ? [] : [rule])),
      from,
    ),
}

describe('exceeds()', () => {
  test.each([
    ['without wildcards', false],
    ['with wildcards', true],
  ])('never overlooks a request, and proves what it says, %s', (title, withWildcards) => {
    const count = compareAll(honest, withWildcards, 1000)
    console.info(`exceeds() ${title}: ${JSON.stringify(count)}`)
    expect(count).toMatchObject({ unsound: 0, unreal: 0 })
    expect(count.contained).toBeGreaterThan(50)
    expect(count.proved).toBeGreaterThan(50)
    if (!withWildcards) expect(count.conservative / count.compared).toBeLessThan(0.01)
  })

  test('finds nobody beyond themselves, and nobody beyond an admin', () => {
    const admin: Holder = {
      bound: ['acme', 'other'].map((organization) => ({
        scope: { organization },
        rules: [{ allow: ['*'] }],
      })),
      references: {},
    }
    const known = { 'identity.metadata.team': 'prod', 'identity.claims.ref': '/a' }
    fc.assert(
      fc.property(holders(), (holder) => {
        const resolved = { ...holder, references: known }
        expect(honest(resolved, resolved, 0)).toBeUndefined()
        expect(honest(admin, holder, 0)).toBeUndefined()
      }),
      seeded(250),
    )
  })

  test.each(Object.entries(saboteurs))('is told apart from one that %s', (_, compare) => {
    const sample = fc.sample(pairs(true), seeded(2000))
    const isCaught = sample.some(([mine, theirs]) => {
      const found = compare(mine, theirs, 0)
      if (found === undefined) return findRequest(mine, theirs, 0) !== undefined
      return found.witness !== undefined && !isReal(mine, theirs, found.witness)
    })
    expect(isCaught).toBe(true)
  })
})
