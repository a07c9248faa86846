import { toFailure } from './attempts.ts'
import { ClientError } from './client-error.ts'
import type { OnClientEvent } from './events.ts'
import type { Held, NextTokenParts, Shown } from './next-token.ts'
import { createNextToken } from './next-token.ts'

/** Keeps one token fresh. */
export interface Session {
  /** Resolves to a token that will be accepted for a while. */
  readonly token: (signal?: AbortSignal) => Promise<Shown>
  /** Forgets a token that was refused: the next one comes from a login. */
  readonly forget: (token: string) => void
  /** Ends the login with all its tokens. */
  readonly revoke: (signal?: AbortSignal) => Promise<void>
}

/** What a session is made with. */
export interface SessionParts extends NextTokenParts {
  readonly tell: OnClientEvent
}

/** Why nobody is asked for a while. */
interface Rest {
  readonly error: ClientError
  readonly until: number
}

/** Creates a session: at most one exchange is under way, and whoever waits waits for that one. */
export function createSession(parts: SessionParts): Session {
  const { exchanger, runtime, tell } = parts
  const next = createNextToken(parts)
  // No caller's: what is under way goes on for the others when one gives up.
  const { signal: lasting } = new AbortController()
  let held: Held | undefined
  let exchanging: Promise<Held> | undefined
  let rest: Rest | undefined

  async function exchange(): Promise<Held> {
    if (rest !== undefined) await runtime.pause(rest.until - runtime.now(), lasting)
    try {
      const obtained = await next(held, lasting)
      held = obtained.held
      rest = undefined
      // Whoever hears of it gets the new token already.
      tell(obtained.event)
      return obtained.held
    } catch (thrown) {
      const error = toFailure(thrown, lasting)
      rest = { error, until: runtime.now() + Math.max((error.retryAfter ?? 0) * 1000, REST) }
      tell({ type: 'failed', error })
      throw error
    }
  }

  const refresh = (): Promise<Held> => {
    exchanging ??= exchange().finally(() => {
      exchanging = undefined
    })
    return exchanging
  }

  return {
    async token(signal) {
      if (signal?.aborted === true) throw gaveUp()
      const now = runtime.now()
      const resting = rest !== undefined && now < rest.until ? rest : undefined
      if (held === undefined || now >= held.staleFrom) {
        if (resting !== undefined && tellsAtOnce(resting, now)) throw resting.error
        return unlessAborted(refresh(), signal)
      }
      if (now >= held.renewFrom && resting === undefined) refresh().catch(() => undefined)
      return held
    },
    forget(token) {
      if (held?.token === token) held = undefined
    },
    async revoke(signal = lasting) {
      const last = held
      held = undefined
      if (last === undefined) return
      await exchanger.revoke(last, signal)
      tell({ type: 'revoked' })
    },
  }
}

/** After a failure nobody is asked for so long: many callers are not many requests. In milliseconds. */
const REST = 1000
/** Whoever must rest longer before the next attempt is told so at once. */
const LONGEST_REST = 10_000

/** What was refused is refused again; where nobody answered, a call waits for the next attempt instead of failing. */
function tellsAtOnce({ error, until }: Rest, now: number): boolean {
  return error.code !== 'unreachable' || until - now > LONGEST_REST
}

const gaveUp = (): ClientError => new ClientError('aborted', 'The caller gave up')

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(gaveUp())
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
