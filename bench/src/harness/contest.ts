/** Whoever takes part: something that can be measured again and again, where less is better. */
export interface Contender {
  readonly name: string
  /** Measures once, for about so many milliseconds. */
  readonly sample: (milliseconds: number) => Promise<number>
}

/** What a ratio shall be: at most so much of the reference, or at least so many times better than it. */
export type Bound = { readonly atMost: number } | { readonly atLeast: number }

/** A goal: two contenders of one contest, and the ratio between them. */
export interface Goal {
  readonly id: string
  readonly subject: string
  readonly reference: string
  readonly bound: Bound
}

/** A goal that costs at most so much of its reference. */
export function atMost(id: string, subject: string, reference: string, limit: number): Goal {
  return { id, subject, reference, bound: { atMost: limit } }
}

/** A goal that is at least so many times cheaper than its reference. */
export function atLeast(id: string, subject: string, reference: string, times: number): Goal {
  return { id, subject, reference, bound: { atLeast: times } }
}

/** What is measured: the contenders of one run, side by side. */
export interface Contest {
  readonly title: string
  readonly unit: Unit
  readonly contenders: readonly Contender[]
  readonly goals: readonly Goal[]
  /** For figures that hardly differ and take long. */
  readonly mostRounds?: number
}

/** What the figures of a contest are. */
export type Unit = 'µs' | 'ms' | 'bytes' | 'calls'

/** How much is measured. */
export interface Effort {
  readonly rounds: number
  /** How long one sample is, about. */
  readonly milliseconds: number
  /** Whether the run shall only show that everything still works. */
  readonly quick: boolean
}

/** Every figure of a contest: by contender, one of each round. */
export type Samples = ReadonlyMap<string, readonly number[]>

/** Samples every contender once in each round, in an order that is drawn anew; a first round only warms up. */
export async function runContest(contest: Contest, effort: Effort): Promise<Samples> {
  const { contenders, mostRounds = effort.rounds } = contest
  const rounds = Math.min(effort.rounds, mostRounds)
  const samples = new Map(contenders.map(({ name }) => [name, [] as number[]]))
  for (const { sample } of contenders) await sample(effort.milliseconds)
  for (let round = 0; round < rounds; round += 1)
    for (const { name, sample } of shuffled(contenders)) {
      samples.get(name)?.push(await sample(effort.milliseconds))
    }
  return samples
}

function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value) => ({ value, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ value }) => value)
}
