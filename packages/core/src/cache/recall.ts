import { LRUCache } from 'lru-cache'
import type { Seconds } from '../lib/time.ts'

/** What is asked, and how long and by what its answers are remembered. */
export interface RecallRules<Query, Answer> {
  /** Seconds that an answer may be repeated, from the instant it was asked for; 0 asks every time. */
  readonly ttl: Seconds
  /** Answers that are remembered. */
  readonly most: number
  keyOf(query: Query): string
  ask(query: Query, now: Date): Promise<Answer> | Answer
  /** Whose changes end an answer; undefined where it must not be repeated at all. */
  ownerOf(answer: Answer, query: Query): string | undefined
}

/** Answers of the authority that a node repeats for a while. */
export interface Recall<Query, Answer> {
  find(query: Query, now: Date): Promise<Answer> | Answer
  forget(key: string): void
  forgetOwner(owner: string): void
  forgetAll(): void
}

/** What one owner's answers have in common: whether they still count. */
interface Owner {
  live: boolean
}

function bury(owner: Owner): void {
  owner.live = false
}

interface Cell<Answer> {
  readonly answer: Answer
  readonly askedAt: number
  readonly owner: Owner
}

interface Flight<Answer> {
  readonly answer: Promise<Answer>
  readonly changes: number
}

/**
 * Creates a memory of answers: each is asked for once per `ttl`, by one question however many wait for it.
 *
 * What is remembered dies with its invalidation, and an answer that was on its way when the invalidation came is handed
 * to those who asked before it, and to nobody after.
 */
export function createRecall<Query, Answer>(
  rules: RecallRules<Query, Answer>,
): Recall<Query, Answer> {
  const { ttl, most, keyOf } = rules
  const cells = new LRUCache<string, Cell<Answer>>({ max: most })
  const owners = new LRUCache<string, Owner>({ max: most, dispose: bury })
  const flights = new Map<string, Flight<Answer>>()
  let changes = 0

  function keep(key: string, answer: Answer, askedAt: number, name: string | undefined): void {
    if (name === undefined) return
    const owner = owners.get(name) ?? { live: true }
    owners.set(name, owner)
    cells.set(key, { answer, askedAt, owner })
  }

  async function ask(key: string, query: Query, now: Date): Promise<Answer> {
    const flight = { answer: Promise.resolve(rules.ask(query, now)), changes }
    flights.set(key, flight)
    try {
      const answer = await flight.answer
      if (flight.changes === changes) keep(key, answer, now.getTime(), rules.ownerOf(answer, query))
      return answer
    } finally {
      if (flights.get(key) === flight) flights.delete(key)
    }
  }

  function invalidating<Told extends readonly unknown[]>(run: (...told: Told) => void) {
    return (...told: Told): void => {
      changes += 1
      run(...told)
    }
  }

  return {
    find(query, now) {
      const key = keyOf(query)
      const cell = cells.get(key)
      const age = cell === undefined ? Number.POSITIVE_INFINITY : now.getTime() - cell.askedAt
      if (cell?.owner.live === true && age >= 0 && age < ttl * 1000) return cell.answer
      const flight = ttl > 0 ? flights.get(key) : undefined
      if (flight?.changes === changes) return flight.answer
      return ask(key, query, now)
    },
    forget: invalidating((key: string) => void cells.delete(key)),
    forgetOwner: invalidating((owner: string) => void owners.delete(owner)),
    forgetAll: invalidating(() => {
      cells.clear()
      owners.clear()
    }),
  }
}
