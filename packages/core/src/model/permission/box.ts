import type { References, Test } from './condition.ts'
import type { Facet, HeldRule } from './facet.ts'
import type { Hint } from './hint.ts'
import { hintsOf } from './hint.ts'
import type { Space } from './space.ts'
import { instantsOf, scopesOf } from './space.ts'
import type { Demand } from './text-set.ts'

/** The requests of which one rule speaks: a set of scopes, of instants, and demands on attributes. */
export interface Box {
  readonly effect: 'allow' | 'deny'
  readonly scopes: bigint
  readonly instants: bigint
  readonly demands: readonly { readonly slot: number; readonly demand: Demand }[]
  readonly source: HeldRule
  /** Equal demands have equal keys. */
  readonly key: string
  /** What the demands say at first sight, by slot. */
  readonly hints: ReadonlyMap<number, Hint>
}

/**
 * How to read references that stand for nothing: as they are decided (unknown), or as any value, which may allow
 * whatever it could and denies only what it must.
 */
export type Reading = 'as decided' | 'any value'

/** What boxes are made from. */
export interface BoxContext {
  readonly facet: Facet
  readonly space: Space
  readonly references: References
  readonly reading: Reading
}

/** The box of a rule about a facet, or nothing where it can speak of no request. */
export function toBox(source: HeldRule, context: BoxContext): Box | undefined {
  const { held, rule } = source
  const demands: Box['demands'][number][] = []
  for (const { attribute, tests } of rule.conditions) {
    const slot = context.facet.attributes.findIndex(({ name }) => name === attribute)
    for (const test of tests) {
      const demand = toDemand(test, rule.effect, context)
      if (demand === 'never') return undefined
      // An attribute that the resource does not have is never false, so it never spares from a deny.
      if (demand !== 'always' && slot !== -1) demands.push({ slot, demand })
    }
  }
  const scopes = scopesOf(held, context.space)
  const instants = instantsOf(held, context.space)
  if (scopes === 0n || instants === 0n) return undefined
  const key = keyOf(demands)
  return { effect: rule.effect, scopes, instants, demands, source, key, hints: hintsOf(demands) }
}

function toDemand(
  test: Test,
  effect: Box['effect'],
  { references, reading }: BoxContext,
): Demand | 'always' | 'never' {
  if (test.kind === 'unknown') return effect === 'deny' ? 'always' : 'never'
  if (test.kind === 'glob') return test
  const held = test.refs.map((ref) => references.get(ref)).filter((value) => value !== undefined)
  const values = new Set([...test.values, ...held])
  if (held.length === test.refs.length) return { kind: test.kind, values }
  return incomplete[reading][effect][test.kind](values)
}

function keyOf(demands: Box['demands']): string {
  const plain = demands.map(({ slot, demand }) => {
    const { kind } = demand
    return 'values' in demand
      ? [slot, kind, ...[...demand.values].sort()]
      : [slot, kind, demand.glob.separators, demand.glob.pattern]
  })
  return JSON.stringify(plain)
}

type Incomplete = (values: ReadonlySet<string>) => Demand | 'always' | 'never'

const NOTHING: ReadonlySet<string> = new Set()

/** What a test demands of which a reference stands for nothing. */
const incomplete: Readonly<
  Record<Reading, Readonly<Record<Box['effect'], Readonly<Record<'in' | 'not', Incomplete>>>>>
> = {
  'as decided': {
    allow: { in: (values) => ({ kind: 'in', values }), not: () => 'never' },
    deny: { in: () => 'always', not: (values) => ({ kind: 'not', values }) },
  },
  'any value': {
    allow: {
      in: () => ({ kind: 'not', values: NOTHING }),
      not: (values) => ({ kind: 'not', values }),
    },
    deny: {
      in: (values) => ({ kind: 'in', values }),
      not: () => ({ kind: 'in', values: NOTHING }),
    },
  },
}
