import type { HostClaim } from '@countersign/core'
import type { IdempotencyStore } from '@countersign/core/plugin'
import { systemClock } from '@countersign/core/plugin'
import { systemDeadline } from './ambient.ts'
import type { Answer } from './answer.ts'
import { toAnswer } from './answer.ts'
import type { Caller } from './caller.ts'
import { originOf } from './caller.ts'
import { byScheme, pointing, resourceMetadataOf } from './challenge.ts'
import type { HandlerEngine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { exchangeOf, splitTarget } from './exchange.ts'
import { memoryIdempotency } from './idempotency.ts'
import type { Refusal } from './refusal.ts'
import { answerRefusal } from './refusal.ts'
import { respond } from './respond.ts'
import type { Found } from './router.ts'
import { routerOf } from './router.ts'
import { routesOf } from './routes/table.ts'

/** How a handler differs from the usual one. */
export interface HandlerOptions {
  /** What stands before every path, such as `/identity`; leave it out where the framework mounts the handler. */
  readonly prefix?: string | undefined
  /** Makes the signal that ends the wait for a body; the process's timers by default. */
  readonly bodyDeadline?: ((seconds: number) => AbortSignal) | undefined
  /**
   * Answers who the host's own session says is asking, so that its people may manage. It is asked only where a request
   * carries no `Authorization`, and believed only of a page of the issuer's origin.
   */
  readonly user?:
    | ((request: Request) => HostClaim | undefined | Promise<HostClaim | undefined>)
    | undefined
  /** Keeps creating requests by their `Idempotency-Key`; in the memory of this node by default. */
  readonly idempotency?: IdempotencyStore | undefined
  /** Hears of what should not have happened and was answered with 500 by `handle`. */
  readonly onError?: ((error: unknown) => void) | undefined
}

/** The HTTP surface of an engine. */
export interface Handler {
  /**
   * Tells, by method and raw request target, whether a request is for this handler. Ask it before anything normalises
   * the path or reads the body. `OPTIONS` is left to the host: it is about the host's CORS.
   */
  owns(method: string, target: string): boolean
  /** Answers a web request; `undefined` where it is not for this handler, its body unread. */
  handle(request: Request, peer: Caller): Promise<Response | undefined>
  /**
   * Answers a request without building a web `Request`: for adapters. It throws what is nobody's refusal, a bug or a
   * host's mistake, for the framework to handle.
   */
  answer(exchange: Exchange): Promise<Answer | undefined>
  /** Paths that clients look for at the root of the origin, wherever this handler is mounted (RFC 8615). */
  readonly rootPaths: readonly string[]
}

const BUG: Refusal = { code: 'internal_error', message: 'Something went wrong' }

/** Creates the handler of an engine: logins, the life of tokens, management, and what is public. */
export function createHandler(engine: HandlerEngine, options: HandlerOptions = {}): Handler {
  const { prefix = '', bodyDeadline = systemDeadline, onError, user } = options
  const { idempotency = memoryIdempotency() } = options
  const parts = { engine, bodyDeadline, idempotency, now: systemClock }
  const { find, rootPaths } = routerOf(routesOf(engine, prefix), engine.issuer, prefix)

  const resourceMetadata = resourceMetadataOf(engine.issuer)

  const findRoutes = (method: string, target: string): Found | undefined =>
    method === 'OPTIONS' ? undefined : find(splitTarget(target).path)

  async function answer(exchange: Exchange): Promise<Answer | undefined> {
    const found = findRoutes(exchange.method, exchange.target)
    if (found === undefined) return undefined
    const origin = originOf(engine, exchange.peer)
    const outcome = await respond(exchange, found, { ...origin, ...parts })
    if ('refusal' in outcome) {
      const refusal = byScheme(outcome.refusal, exchange.header('authorization'))
      const [first] = found.routes
      const refused = answerRefusal(refusal, origin.requestId, first?.dialect)
      return pointing(refused, resourceMetadata)
    }
    const { body, headers } = outcome.value
    return toAnswer(200, body, { ...headers, 'x-request-id': origin.requestId })
  }

  async function handle(request: Request, peer: Caller): Promise<Response | undefined> {
    const exchange = exchangeOf(request, peer, user && (() => user(request)))
    if (findRoutes(exchange.method, exchange.target) === undefined) return undefined
    if (request.bodyUsed) throw new TypeError('The body of this request has been read already')
    return toResponse(await answer(exchange).catch(failed(exchange)), request.method)
  }

  function failed({ peer }: Exchange): (error: unknown) => Answer {
    return (error) => {
      onError?.(error)
      return answerRefusal(BUG, originOf(engine, peer).requestId)
    }
  }

  const owns = (method: string, target: string): boolean => findRoutes(method, target) !== undefined
  return Object.freeze({ owns, handle, answer, rootPaths })
}

function toResponse(answer: Answer | undefined, method: string): Response | undefined {
  if (answer === undefined) return undefined
  const { status, headers, body } = answer
  return new Response(method === 'HEAD' ? null : body, { status, headers: { ...headers } })
}
