import { isCountersignError } from '@countersign/core'
import { systemDeadline } from './ambient.ts'
import type { Answer } from './answer.ts'
import { toAnswer } from './answer.ts'
import type { Caller } from './caller.ts'
import { originOf } from './caller.ts'
import type { HandlerEngine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { exchangeOf, splitTarget } from './exchange.ts'
import { readFields } from './read-fields.ts'
import type { Outcome, Refusal } from './refusal.ts'
import { answerRefusal } from './refusal.ts'
import { routeTable } from './route-table.ts'
import type { Call, Reply, Route } from './routes.ts'

/** How a handler differs from the usual one. */
export interface HandlerOptions {
  /** What stands before every path, such as `/identity`; leave it out where the framework mounts the handler. */
  readonly prefix?: string | undefined
  /** Makes the signal that ends the wait for a body; the process's timers by default. */
  readonly bodyDeadline?: ((seconds: number) => AbortSignal) | undefined
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

/** Creates the handler of an engine: login, renew, revoke, public keys, and who am I. */
export function createHandler(engine: HandlerEngine, options: HandlerOptions = {}): Handler {
  const { prefix = '', bodyDeadline = systemDeadline, onError } = options
  const { table, rootPaths } = routeTable(engine.issuer, prefix)

  const findRoutes = (method: string, target: string): readonly Route[] =>
    method === 'OPTIONS' ? [] : (table.get(splitTarget(target).path) ?? [])

  async function answer(exchange: Exchange): Promise<Answer | undefined> {
    const found = findRoutes(exchange.method, exchange.target)
    if (found.length === 0) return undefined
    const origin = originOf(engine, exchange.peer)
    const outcome = await respond(exchange, found, { ...origin, engine, bodyDeadline })
    if ('refusal' in outcome) return answerRefusal(outcome.refusal, origin.requestId)
    const { body, headers } = outcome.value
    return toAnswer(200, body, { ...headers, 'x-request-id': origin.requestId })
  }

  async function handle(request: Request, peer: Caller): Promise<Response | undefined> {
    const exchange = exchangeOf(request, peer)
    if (findRoutes(exchange.method, exchange.target).length === 0) return undefined
    if (request.bodyUsed) throw new TypeError('The body of this request has been read already')
    return toResponse(await answer(exchange).catch(failed(exchange)), request.method)
  }

  function failed({ peer }: Exchange): (error: unknown) => Answer {
    return (error) => {
      onError?.(error)
      return answerRefusal(BUG, originOf(engine, peer).requestId)
    }
  }

  const owns = (method: string, target: string): boolean => findRoutes(method, target).length > 0
  return Object.freeze({ owns, handle, answer, rootPaths })
}

type Means = Omit<Call, 'values' | 'authorization'> & {
  readonly bodyDeadline: (seconds: number) => AbortSignal
}

async function respond(
  exchange: Exchange,
  found: readonly Route[],
  { bodyDeadline, ...call }: Means,
): Promise<Outcome<Reply>> {
  const route = found.find(({ method }) => methodsOf(method).includes(exchange.method))
  if (route === undefined) return { refusal: otherMethod(found) }
  const values =
    route.fields === undefined
      ? { value: new Map<string, string>() }
      : await readFields(exchange, route.fields, bodyDeadline)
  if ('refusal' in values) return values
  const authorization = exchange.header('authorization')
  return route.run({ ...call, values: values.value, authorization }).catch(refusalOf)
}

function methodsOf(method: Route['method']): readonly string[] {
  return method === 'GET' ? ['GET', 'HEAD'] : [method]
}

function otherMethod(found: readonly Route[]): Refusal {
  const allow = found.flatMap(({ method }) => methodsOf(method)).join(', ')
  const message = 'This path does not take this method'
  return { code: 'method_not_allowed', message, headers: { allow } }
}

/** The engine says no by throwing; anything else that is thrown is a bug. */
function refusalOf(error: unknown): { readonly refusal: Refusal } {
  if (isCountersignError(error)) return { refusal: error }
  throw error
}

function toResponse(answer: Answer | undefined, method: string): Response | undefined {
  if (answer === undefined) return undefined
  const { status, headers, body } = answer
  return new Response(method === 'HEAD' ? null : body, { status, headers: { ...headers } })
}
