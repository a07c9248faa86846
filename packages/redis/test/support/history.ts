/** One operation of a recorded history: when it was asked and answered, and what it does to what it was asked of. */
export interface Operation<State> {
  readonly name: string
  readonly invokedAt: number
  /** Infinity where nobody knows whether it was done, now or later. */
  readonly completedAt: number
  /** What becomes of a state; undefined where the answer could not have been given in it. */
  apply(state: State): State | undefined
}

/**
 * Searches for an order of the operations that explains every answer, in which none comes before one that was answered
 * before it was asked (Wing and Gong, with Lowe's memory of what was tried). Operations whose outcome nobody knows may come
 * anywhere after they were asked, or never.
 */
export function isLinearizable<State>(
  operations: readonly Operation<State>[],
  initial: State,
): boolean {
  const tried = new Set<string>()
  const certain = operations.filter(({ completedAt }) => Number.isFinite(completedAt))

  function search(left: ReadonlySet<Operation<State>>, state: State): boolean {
    if (!certain.some((operation) => left.has(operation))) return true
    const name = `${JSON.stringify(state)} ${operations.map((one) => (left.has(one) ? 1 : 0)).join('')}`
    if (tried.has(name)) return false
    tried.add(name)
    const firstEnd = Math.min(...[...left].map(({ completedAt }) => completedAt))
    const steps = [...left]
      .filter(({ invokedAt }) => invokedAt <= firstEnd)
      .flatMap((operation) => {
        const next = operation.apply(state)
        return next === undefined ? [] : [{ operation, next }]
      })
    // What changes nothing is in nobody's way: wherever else it fits, it fits here.
    const idle = steps.filter(({ next }) => next === state)
    if (idle.length > 0) return search(without(left, idle), state)
    return withoutTwins(steps).some((step) => search(without(left, [step]), step.next))
  }

  return search(new Set(operations), initial)
}

interface Step<State> {
  readonly operation: Operation<State>
  readonly next: State
}

/** Of all that may or may not have been done and would do the same, the one that was asked first stands for the others. */
function withoutTwins<State>(steps: readonly Step<State>[]): readonly Step<State>[] {
  const firsts = new Map<string, Step<State>>()
  for (const step of steps.filter(({ operation }) => !Number.isFinite(operation.completedAt))) {
    const { name, invokedAt } = step.operation
    const first = firsts.get(name)
    if (first === undefined || invokedAt < first.operation.invokedAt) firsts.set(name, step)
  }
  const certain = steps.filter(({ operation }) => Number.isFinite(operation.completedAt))
  return [...certain, ...firsts.values()]
}

function without<State>(
  left: ReadonlySet<Operation<State>>,
  steps: readonly { readonly operation: Operation<State> }[],
): ReadonlySet<Operation<State>> {
  const rest = new Set(left)
  for (const { operation } of steps) rest.delete(operation)
  return rest
}

/** What is true of one login. */
export interface LoginState {
  readonly revoked: boolean
  readonly uses: number
}

/** What was asked of one login, and what came of it. */
export interface Record {
  readonly verb: 'authenticate' | 'renew' | 'revoke'
  readonly node: number
  readonly invokedAt: number
  readonly completedAt: number
  readonly outcome: 'ok' | 'no' | 'unknown'
}

/** How stale a yes may be, and how often it may be said. */
export interface Promises {
  /** Milliseconds by which a node may be behind the others, never behind itself. */
  readonly bound: number
  readonly limit: number | undefined
}

/** Tells whether a history keeps what is promised about one login. */
export function keepsPromises(history: readonly Record[], promises: Promises): boolean {
  const operations = history.flatMap((record) =>
    Array.from({ length: timesDone(record, promises) }, () =>
      toOperation(record, history, promises),
    ),
  )
  return isLinearizable(operations, { revoked: false, uses: 0 })
}

/** A use that got no answer is sent again by ioredis, and may then have counted twice: less is allowed, never more. */
function timesDone({ verb, outcome }: Record, { limit }: Promises): number {
  return verb === 'authenticate' && outcome === 'unknown' && limit !== undefined ? 2 : 1
}

function toOperation(
  record: Record,
  history: readonly Record[],
  { bound, limit = Number.POSITIVE_INFINITY }: Promises,
): Operation<LoginState> {
  const { verb, outcome, invokedAt } = record
  const isStale = verb === 'authenticate' && outcome === 'ok' && limit === Number.POSITIVE_INFINITY
  return {
    name: `${verb} ${outcome}`,
    invokedAt: isStale ? Math.max(invokedAt - bound, ownRevocation(record, history)) : invokedAt,
    completedAt: outcome === 'unknown' ? Number.POSITIVE_INFINITY : record.completedAt,
    apply: (state) =>
      verb === 'revoke' ? { ...state, revoked: true } : afterUse(record, state, limit),
  }
}

/** What a yes or a no leaves behind; nothing where the state could not have answered so. */
function afterUse(
  { verb, outcome }: Record,
  state: LoginState,
  limit: number,
): LoginState | undefined {
  const isOver = state.revoked || state.uses >= limit
  if (isOver !== (outcome === 'no')) return undefined
  const isCounted = !isOver && verb === 'authenticate' && limit !== Number.POSITIVE_INFINITY
  return isCounted ? { ...state, uses: state.uses + 1 } : state
}

/** When this very node had ended the login before it was asked: it is never behind itself. */
function ownRevocation({ node, invokedAt }: Record, history: readonly Record[]): number {
  const own = history.filter(
    (other) =>
      other.verb === 'revoke' &&
      other.outcome === 'ok' &&
      other.node === node &&
      other.completedAt < invokedAt,
  )
  return own.length === 0
    ? Number.NEGATIVE_INFINITY
    : Math.min(...own.map(({ completedAt }) => completedAt)) + JUST_AFTER
}

/** Less than any clock tells apart. */
const JUST_AFTER = 1e-6
