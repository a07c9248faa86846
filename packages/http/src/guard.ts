import type { Countersign, IdentityPrincipal, Source } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import { NO_STORE } from './answer.ts'
import type { Shown } from './bearer.ts'
import { readBearer } from './bearer.ts'
import type { Problem } from './problem.ts'
import { NOTHING_SHOWN, problem, toProblem, toProblemBody } from './problem.ts'

/** One request as a guard needs it. */
export interface Guarded {
  /** The framework's own request object: it is what the principal is kept for. */
  readonly request: object
  readonly authorization: string | undefined
  /** Where it comes from; asked only when a token has to be checked. */
  source(): Source
}

/** How a guard treats requests that show nothing of ours. */
export interface AuthenticateOptions {
  /**
   * Lets a request through without a principal if it shows no bearer token, or one that is not ours by its form. A token
   * that is ours by its form and not valid is refused all the same.
   */
  readonly optional?: boolean | undefined
}

/** A refusal, ready to be written by any framework. */
export interface Refusal {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Finds out who makes a request, once per request. */
export interface Guard {
  /** Answers why the request must not go on, or undefined where it may. */
  refuse(guarded: Guarded, options?: AuthenticateOptions): Promise<Refusal | undefined>
  /** The principal of a request that was authenticated, or undefined. */
  findPrincipal(request: object): IdentityPrincipal | undefined
  /** The principal of a request; throws a `TypeError` where no guard authenticated it: a mistake of the host. */
  principalOf(request: object): IdentityPrincipal
}

const BAD_TOKEN: Problem = problem(401, 'The access token is not valid', {
  'www-authenticate':
    'Bearer realm="countersign", error="invalid_token", error_description="The access token is not valid"',
})

/** Creates what the guards of all frameworks have in common. */
export function createGuard(countersign: Countersign): Guard {
  const principals = new WeakMap<object, IdentityPrincipal>()

  /** Tells whether an optional guard may look away. */
  function isNotOurs(shown: Shown): boolean {
    return shown.kind === 'bearer'
      ? !countersign.recognizes(shown.token)
      : shown.kind !== 'malformed'
  }

  async function refuse(guarded: Guarded, { optional = false }: AuthenticateOptions = {}) {
    if (principals.has(guarded.request)) return undefined
    const shown = readBearer(guarded.authorization)
    if (optional && isNotOurs(shown)) return undefined
    if (shown.kind === 'malformed') return toRefusal(BAD_TOKEN)
    if (shown.kind !== 'bearer') return toRefusal(NOTHING_SHOWN)
    const answer = await countersign.tryAuthenticate(shown.token, guarded.source())
    if (isCountersignError(answer)) return toRefusal(toProblem(answer))
    principals.set(guarded.request, answer)
    return undefined
  }

  const findPrincipal = (request: object): IdentityPrincipal | undefined => principals.get(request)

  return Object.freeze({
    refuse,
    findPrincipal,
    principalOf(request: object) {
      const principal = findPrincipal(request)
      if (principal !== undefined) return principal
      throw new TypeError(
        'principalOf() was asked for a request that guard.authenticate() has not passed',
      )
    },
  })
}

function toRefusal(refused: Problem): Refusal {
  const requestId = crypto.randomUUID()
  return {
    status: refused.status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...NO_STORE,
      ...refused.headers,
      'x-request-id': requestId,
    },
    body: toProblemBody(refused, requestId),
  }
}
