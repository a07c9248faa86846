import { toFailure } from './attempts.ts'
import type { ClientEvent } from './events.ts'
import type { Exchanger } from './exchanger.ts'
import type { ClientRuntime } from './runtime.ts'
import type { LoginSource } from './source.ts'
import type { Grant, Scheme } from './wire.ts'

/** A token, and how it is shown. */
export interface Shown {
  readonly token: string
  readonly scheme: Scheme
}

/** A token, and when it is to be seen to, in milliseconds of the runtime's clock. */
export interface Held extends Shown {
  /** From here on it is renewed, while it still works. */
  readonly renewFrom: number
  /** From here on nobody is given it. */
  readonly staleFrom: number
  /** From here on it cannot be renewed any more. */
  readonly loginEnds: number
}

/** What the next token is made with. */
export interface NextTokenParts {
  readonly source: LoginSource
  readonly exchanger: Exchanger
  readonly runtime: ClientRuntime
}

/** A token, and what is told of it once it is held. */
export interface Next {
  readonly held: Held
  readonly event: ClientEvent
}

/** Obtains the token that follows the one that is held: by a renewal where that is possible, else by a login. */
export type NextToken = (before: Held | undefined, signal: AbortSignal) => Promise<Next>

/**
 * Creates what obtains the next token.
 *
 * Lifetimes are counted from the moment a request was sent, on a clock of differences: what the clocks of host and workload
 * show does not matter.
 */
export function createNextToken({ source, exchanger, runtime }: NextTokenParts): NextToken {
  /** A renewal that is refused leads to a login with evidence that is read anew, never to the same answer again. */
  async function renew(before: Held, signal: AbortSignal): Promise<Grant | undefined> {
    try {
      return await exchanger.renew(before, signal)
    } catch (error) {
      const failure = toFailure(error, signal)
      if (failure.code === 'unreachable' || failure.code === 'aborted') throw failure
      return undefined
    }
  }

  const holdFrom = (sent: number, grant: Grant, loginEnds: number): Held => {
    const lifetime = grant.expiresIn * 1000
    return {
      token: grant.accessToken,
      scheme: grant.scheme,
      // Between two thirds and nine tenths of its life, by chance: workloads that start together part.
      renewFrom: sent + lifetime * (0.66 + runtime.random() * 0.24),
      // A token is not handed out in its last moments: the call it is for takes time as well.
      staleFrom: sent + lifetime - Math.min(lifetime * 0.1, LAST_MOMENTS),
      loginEnds,
    }
  }

  return async (before, signal) => {
    const asked = runtime.now()
    if (before !== undefined && asked < before.staleFrom && asked < before.loginEnds) {
      const renewal = await renew(before, signal)
      if (renewal !== undefined) {
        const event = { type: 'renewed', expiresIn: renewal.expiresIn } as const
        return { held: holdFrom(asked, renewal, before.loginEnds), event }
      }
    }
    const sent = runtime.now()
    const grant = await exchanger.logIn(source, signal)
    const event = { type: 'logged_in', source: source.name, expiresIn: grant.expiresIn } as const
    return { held: holdFrom(sent, grant, sent + grant.accessTokenMaxTTL * 1000), event }
  }
}

const LAST_MOMENTS = 10_000
