import { isCountersignError } from '@countersign/core'
import type { Origin } from './caller.ts'
import type { HandlerEngine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { splitTarget } from './exchange.ts'
import { parseForm } from './form.ts'
import { findPrincipal } from './principal.ts'
import { readBody, refuseEarlyData, refuseHead } from './read-body.ts'
import type { Outcome, Refusal } from './refusal.ts'
import type { RepeatParts } from './repeat.ts'
import { performOnce } from './repeat.ts'
import type { Found } from './router.ts'
import type { Call, Method, Reply, Route } from './routes/route.ts'
import { parseInput } from './schema.ts'

/** What a request is answered with. */
export interface Means extends Origin, RepeatParts {
  readonly engine: HandlerEngine
  readonly bodyDeadline: (seconds: number) => AbortSignal
}

/** Answers a request whose path is ours: the cheap refusals first, then who calls, then what it says. */
export async function respond(
  exchange: Exchange,
  { routes, params }: Found,
  means: Means,
): Promise<Outcome<Reply>> {
  const route = routes.find(({ method }) => methodsOf(method).includes(exchange.method))
  if (route === undefined) return { refusal: otherMethod(routes) }
  const refusal = refuseEarly(exchange, route)
  if (refusal !== undefined) return { refusal }
  return perform(exchange, { route, params, means }).catch(refusalOf)
}

interface Matched {
  readonly route: Route
  readonly params: Found['params']
  readonly means: Means
}

async function perform(
  exchange: Exchange,
  { route, params, means }: Matched,
): Promise<Outcome<Reply>> {
  const { engine, bodyDeadline, requestId, source } = means
  const origin = { requestId, source }
  const principal =
    route.access === 'principal'
      ? await findPrincipal(engine, exchange, origin)
      : { value: undefined }
  if ('refusal' in principal) return principal
  const query = readQuery(exchange, route)
  if ('refusal' in query) return query
  const body = await readParsedBody(exchange, route, bodyDeadline)
  if ('refusal' in body) return body
  const call: Call = {
    ...origin,
    engine,
    params,
    query: query.value,
    body: body.value.body,
    authorization: exchange.header('authorization'),
    principal: principal.value,
  }
  return performOnce(exchange, { route, call, text: body.value.text }, means)
}

function refuseEarly(exchange: Exchange, { method, body }: Route): Refusal | undefined {
  const early = method === 'GET' ? undefined : refuseEarlyData(exchange)
  return early ?? (body && refuseHead(exchange, body))
}

function readQuery({ target }: Exchange, { query }: Route): Outcome<unknown> {
  if (query === undefined) return { value: undefined }
  const fields = parseForm(splitTarget(target).query)
  return 'refusal' in fields ? fields : parseInput(query, fields.value)
}

async function readParsedBody(
  exchange: Exchange,
  { body: rules }: Route,
  bodyDeadline: Means['bodyDeadline'],
): Promise<Outcome<{ readonly text: string; readonly body: unknown }>> {
  if (rules === undefined) return { value: { text: '', body: undefined } }
  const read = await readBody(exchange, rules, bodyDeadline)
  if ('refusal' in read) return read
  const parsed = parseInput(rules.schema, read.value.body)
  return 'refusal' in parsed ? parsed : { value: { text: read.value.text, body: parsed.value } }
}

function methodsOf(method: Method): readonly string[] {
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
