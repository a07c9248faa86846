import type { Storage } from '../../src/ports/storage.ts'

/** What was asked of a storage, from outside its transactions. */
export interface Calls {
  /** The verbs in the order they were asked, like `logins.find`. */
  verbs(): readonly string[]
  count(verb: string): number
  /** What a verb was handed, call by call. */
  handedTo(verb: string): readonly (readonly unknown[])[]
  /** What a verb answered, call by call. */
  answersOf(verb: string): readonly unknown[]
  forget(): void
}

interface Call {
  readonly verb: string
  readonly values: readonly unknown[]
  answer?: unknown
}

type Run = (...values: readonly unknown[]) => unknown

/** Decorates a storage so that it counts what it is asked. */
export function withCalls(storage: Storage): { readonly storage: Storage; readonly calls: Calls } {
  let made: Call[] = []

  function counting(verb: string, run: Run): Run {
    return async (...values) => {
      const call: Call = { verb, values }
      made.push(call)
      call.answer = await run(...values)
      return call.answer
    }
  }

  function watch(member: unknown, name: string): unknown {
    if (typeof member === 'function') return counting(name, member as Run)
    if (typeof member !== 'object' || member === null) return member
    const verbs = Object.entries(member).map(([verb, run]) => [verb, watch(run, `${name}.${verb}`)])
    return Object.fromEntries(verbs)
  }

  const members = Object.entries(storage).map(([name, member]) => [name, watch(member, name)])
  const of = (verb: string): readonly Call[] => made.filter((call) => call.verb === verb)
  return {
    storage: Object.fromEntries(members) as Storage,
    calls: {
      verbs: () => made.map(({ verb }) => verb),
      count: (verb) => of(verb).length,
      handedTo: (verb) => of(verb).map(({ values }) => values),
      answersOf: (verb) => of(verb).map(({ answer }) => answer),
      forget() {
        made = []
      },
    },
  }
}
