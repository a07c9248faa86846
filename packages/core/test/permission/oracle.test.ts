import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canSometimes } from '../../src/model/permission/can-sometimes.ts'
import type { Conditions, RowCondition } from '../../src/model/permission/conditions.ts'
import { conditions } from '../../src/model/permission/conditions.ts'
import { decide } from '../../src/model/permission/decide.ts'
import { explain } from '../../src/model/permission/explain.ts'
import { seeded } from './generators.ts'
import type { Holder, Sabotage } from './naive.ts'
import { naiveCan, sabotages } from './naive.ts'
import { naiveGlob } from './naive-glob.ts'
import {
  allQuestions,
  compiled,
  environments,
  holders,
  instants,
  paths,
  permissions,
  questions,
  scopes,
  toRequest,
} from './universe.ts'

type Row = Readonly<Record<string, string | undefined>>

/** What SQL says: true, false, or null. */
function truthOf(condition: RowCondition, row: Row): boolean | undefined {
  const value = row[condition.attribute]
  if (value === undefined) return undefined
  if ('in' in condition) return condition.in.includes(value)
  if ('not' in condition) return !condition.not.includes(value)
  return naiveGlob(condition.glob, value, condition.separators)
}

function selects(found: Conditions, row: Row): boolean {
  if (typeof found === 'string') return found === 'all'
  const some = found.anyOf.some((all) => all.every((one) => truthOf(one, row) === true))
  return some && found.noneOf.every((all) => all.some((one) => truthOf(one, row) === false))
}

/** Asks every holder three questions, as decide() and as an evaluator; answers how often they disagree. */
function countDisagreements(runs: number, sabotage?: Sabotage): number {
  let disagreements = 0
  fc.assert(
    fc.property(holders(), fc.array(questions, { minLength: 3, maxLength: 3 }), (holder, all) => {
      const permitted = compiled(holder)
      for (const asked of all) {
        const { allowed } = decide(permitted, toRequest(asked), new Date(asked.at))
        if (allowed !== naiveCan(holder, asked, sabotage)) disagreements++
      }
    }),
    seeded(runs),
  )
  return disagreements
}

describe('decide()', () => {
  test('answers like a naive evaluator, absent attributes included', () => {
    fc.assert(
      fc.property(holders(), fc.array(questions, { maxLength: 12 }), (holder, all) => {
        const permitted = compiled(holder)
        for (const asked of all)
          expect(decide(permitted, toRequest(asked), new Date(asked.at)).allowed).toBe(
            naiveCan(holder, asked),
          )
      }),
      seeded(2500),
    )
  })

  test('answers like a naive evaluator where rules are found by their values', () => {
    const many = fc.array(holders(), { minLength: 6, maxLength: 6 }).map(
      (all): Holder => ({
        bound: [
          {
            scope: { organization: 'acme' },
            rules: all
              .flatMap(({ bound }) => bound.flatMap(({ rules }) => rules))
              .filter(({ deny, where }) => deny === undefined || where !== undefined),
          },
        ],
        references: all[0]?.references ?? {},
      }),
    )
    fc.assert(
      fc.property(many, fc.array(questions, { minLength: 30, maxLength: 40 }), (holder, all) => {
        const permitted = compiled(holder)
        for (const asked of all)
          expect(decide(permitted, toRequest(asked), new Date(asked.at)).allowed).toBe(
            naiveCan(holder, asked),
          )
      }),
      seeded(500),
    )
  })

  test('PRM-002 does not depend on the order of rules and roles', () => {
    fc.assert(
      fc.property(holders(), questions, (holder, asked) => {
        const reversed = {
          ...holder,
          bound: holder.bound
            .toReversed()
            .map((bound) => ({ ...bound, rules: bound.rules.toReversed() })),
        }
        const answer = (who: Holder) =>
          decide(compiled(who), toRequest(asked), new Date(asked.at)).allowed
        expect(answer(reversed)).toBe(answer(holder))
      }),
      seeded(1500),
    )
  })

  test.each(sabotages)('is told apart from an evaluator that %s', (sabotage) => {
    expect(countDisagreements(1500, sabotage)).toBeGreaterThan(0)
  })

  test('is not told apart from the honest one', () => {
    expect(countDisagreements(1500)).toBe(0)
  })
})

describe('conditions()', () => {
  test('selects exactly the rows that decide() allows, absent attributes included', () => {
    fc.assert(
      fc.property(
        holders(),
        fc.constantFrom(...permissions),
        fc.constantFrom(...scopes),
        fc.constantFrom(...instants),
        (holder, permission, scope, at) => {
          const permitted = compiled(holder)
          const found = conditions(permitted, { permission, scope }, new Date(at))
          for (const environment of environments)
            for (const path of paths) {
              const attributes = { environment, path }
              const { allowed } = decide(permitted, { permission, scope, attributes }, new Date(at))
              expect(selects(found, attributes)).toBe(allowed)
            }
        },
      ),
      seeded(1500),
    )
  })
})

describe('canSometimes()', () => {
  test('says yes wherever any question is allowed', () => {
    fc.assert(
      fc.property(holders(), fc.constantFrom(...permissions), (holder, permission) => {
        const permitted = compiled(holder)
        const some = allQuestions(0).filter(
          (asked) => asked.permission === permission && asked.at === 0,
        )
        const allowed = some.filter((asked) => naiveCan(holder, asked))
        const says = canSometimes(permitted, { permission }, new Date(0))
        if (allowed.length > 0) expect(says).toBe(true)
        for (const scope of scopes)
          if (allowed.some((asked) => asked.scope === scope))
            expect(canSometimes(permitted, { permission, scope }, new Date(0))).toBe(true)
      }),
      seeded(250),
    )
  })
})

describe('explain()', () => {
  test('says what decide() says, and by which rule', () => {
    fc.assert(
      fc.property(holders(), questions, (holder, asked) => {
        const now = new Date(asked.at)
        const permitted = compiled(holder)
        const explained = explain(permitted, toRequest(asked), now)
        const { allowed, reason } = decide(permitted, toRequest(asked), now)
        expect(explained).toMatchObject({ allowed, reason })
        if (reason === 'granted') expect(explained.by?.rule.allow).toBeDefined()
        if (reason === 'denied') expect(explained.by?.rule.deny).toBeDefined()
        for (const { binding, index, rule } of [explained.by, explained.nearest].filter(
          (one) => one !== undefined,
        ))
          expect(holder.bound[Number(binding.slice(4))]?.rules[index]).toBe(rule)
      }),
      seeded(1000),
    )
  })
})
