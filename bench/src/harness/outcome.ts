import type { Bound, Contest, Goal, Samples, Unit } from './contest.ts'
import type { Spread } from './statistics.ts'
import { spreadOf } from './statistics.ts'

/** What a contest came to, as JSON has it. */
export interface Outcome {
  readonly title: string
  readonly unit: Unit
  readonly contenders: readonly (Spread & { readonly name: string })[]
  readonly goals: readonly JudgedGoal[]
}

/** A goal and what was measured; `alarm` is a goal that even the luckiest tenth of the rounds misses. */
export interface JudgedGoal extends Goal {
  readonly ratio: Spread
  readonly verdict: 'pass' | 'missed' | 'alarm'
}

/** Describes contenders by their own figures, and goals by the ratio within each round. */
export function outcomeOf({ title, unit, goals }: Contest, samples: Samples): Outcome {
  const contenders = [...samples].map(([name, figures]) => ({ name, ...spreadOf(figures) }))
  return { title, unit, contenders, goals: goals.map((goal) => judge(goal, samples)) }
}

function judge(goal: Goal, samples: Samples): JudgedGoal {
  const own = figuresOf(samples, goal.subject)
  const others = figuresOf(samples, goal.reference)
  const better = 'atLeast' in goal.bound
  const ratios = own.map((figure, round) => {
    const other = others[round] ?? Number.NaN
    return better ? other / figure : figure / other
  })
  const ratio = spreadOf(ratios)
  return { ...goal, ratio, verdict: verdictOf(goal.bound, ratio) }
}

function verdictOf(bound: Bound, { median, p10, p90 }: Spread): JudgedGoal['verdict'] {
  if (keeps(bound, median)) return 'pass'
  return keeps(bound, 'atMost' in bound ? p10 : p90) ? 'missed' : 'alarm'
}

function keeps(bound: Bound, ratio: number): boolean {
  return 'atMost' in bound ? ratio <= bound.atMost : ratio >= bound.atLeast
}

function figuresOf(samples: Samples, name: string): readonly number[] {
  const figures = samples.get(name)
  if (figures === undefined) throw new Error(`No contender is called ${name}`)
  return figures
}
