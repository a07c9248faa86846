import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Authority } from '../../src/engine/manage/authority.ts'
import type { Boundary } from '../../src/engine/manage/boundary.ts'
import { createBoundary } from '../../src/engine/manage/boundary.ts'
import type { CompiledPermissions, HeldRules } from '../../src/model/permission/compile-rules.ts'
import type { Holding } from '../../src/model/role.ts'
import { seeded } from '../permission/generators.ts'
import type { Asked, Holder } from '../permission/naive.ts'
import { naiveCan } from '../permission/naive.ts'
import { allQuestions } from '../permission/universe.ts'
import { START } from '../support/clock.ts'
import type { Plan, Sabotage } from '../support/small-world.ts'
import { aSmallWorld, plans } from '../support/small-world.ts'

const questions = allQuestions(0).filter(({ scope }) => scope.organization === 'acme')

/** What a login of an identity might bring along, which nobody knows when something is granted. */
const claims = [{}, { 'identity.claims.ref': 'dev' }, { 'identity.claims.ref': '/a/b' }]

/** A request that somebody gained by a change, and that the actor itself could not make before. */
function findClimb(actor: Holder, before: Holder, after: Holder): Asked | undefined {
  if (JSON.stringify(before) === JSON.stringify(after)) return undefined
  const turned = claims.map(
    (claim) => [withClaims(before, claim), withClaims(after, claim)] as const,
  )
  return questions.find((asked) =>
    turned.some(
      ([was, is]) => naiveCan(is, asked) && !naiveCan(was, asked) && !naiveCan(actor, asked),
    ),
  )
}

function withClaims({ bound, references }: Holder, claim: object): Holder {
  return { bound, references: { ...references, ...claim } }
}

/** Lets an actor ask for all changes of a plan; answers the first climb, and how many changes came true. */
async function climbIn(plan: Plan, sabotage?: Sabotage) {
  const world = await aSmallWorld(plan, sabotage)
  let made = 0
  for (const change of plan.changes) {
    const before = await world.survey()
    if (!(await world.ask(change))) continue
    made += 1
    const after = await world.survey()
    const [actor = { bound: [], references: {} }] = before
    for (const [index, was] of before.entries()) {
      const is = after[index]
      const climb = is && findClimb(actor, was, is)
      if (climb !== undefined) return { made, climb: { change, climb, index } }
    }
  }
  return { made, climb: undefined }
}

/** Changes what an authority answers as its boundary. */
const withBoundary =
  (change: (boundary: Boundary) => Partial<Boundary>): Sabotage =>
  (authority) => ({
    ...authority,
    async boundaryIn(...asked) {
      const boundary = await authority.boundaryIn(...asked)
      return { ...boundary, ...change(boundary) }
    },
  })

/** Judges by other permissions than the actor's. */
const withMine =
  (change: (held: HeldRules) => HeldRules): Sabotage =>
  ({ actor }, parts): Authority => ({
    actor,
    async boundaryIn(organization = '', stores) {
      const subject = { kind: 'user', id: 'actor' } as const
      const [holding] = await stores.roleBindings.heldBy(organization, [subject])
      const bound = parts.compileFresh(holding?.bound ?? [])
      const everywhere = bound.map((one) => change({ ...one, opensAt: 0, endsAt: Infinity }))
      const mine: CompiledPermissions = {
        vocabulary: parts.vocabulary,
        everywhere,
        byProject: new Map(),
        references: new Map(),
      }
      return createBoundary({ ...parts, mine, actor, organization, now: START })
    },
  })

const isOfActor = ({ bound }: Holding): boolean =>
  bound.every(({ binding }) => binding.createdBy.kind === 'user')

const saboteurs: Readonly<Record<string, Sabotage>> = {
  'skips the boundary': withBoundary(() => ({
    covers: () => true,
    assertCovers: () => undefined,
    assertGrants: () => undefined,
    assertRole: () => undefined,
  })),
  'compares the names of roles': withBoundary((inner) => ({
    assertRole: () => undefined,
    assertGrants(holding, showing) {
      if (holding.bound.some(({ role }) => role === undefined)) inner.assertGrants(holding, showing)
    },
  })),
  'ignores windows to come': withBoundary((inner) => ({
    assertGrants(holding, showing) {
      const open = holding.bound.filter(({ binding }) => !(binding.from && binding.from > START))
      inner.assertGrants({ ...holding, bound: open }, showing)
    },
  })),
  'ignores what a removed deny sets free': withBoundary((inner) => ({
    assertGrants(holding, showing) {
      if (isOfActor(holding)) inner.assertGrants(holding, showing)
    },
  })),
  'takes whoever is disabled for harmless': withBoundary((inner) => ({
    assertGrants(holding, showing) {
      if (holding.identity?.disabled !== true) inner.assertGrants(holding, showing)
    },
  })),
  'takes its own windows and projects for endless': withMine((held) => ({
    ...held,
    scope: { organization: 'acme' },
  })),
}

describe('as()', () => {
  test('lets nobody gain a request that the actor could not make, whatever it asks for', async () => {
    let made = 0
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const outcome = await climbIn(plan)
        made += outcome.made
        expect(outcome.climb).toBeUndefined()
      }),
      seeded(150),
    )
    // A boundary that refuses everything would prove nothing.
    expect(made).toBeGreaterThan(100)
  })

  test.each(Object.entries(saboteurs))(
    'would be seen to fail if it %s',
    async (_name, sabotage) => {
      let climbs = 0
      const property = fc.asyncProperty(plans, async (plan) => {
        const { climb } = await climbIn(plan, sabotage)
        if (climb !== undefined) climbs += 1
        return climb === undefined
      })
      await fc.check(property, { ...seeded(600), endOnFailure: true })
      expect(climbs).toBe(1)
    },
  )
})
