import type { Countersign, Peer, Source } from '@countersign/core'
import { respond, respondProblem } from './answer.ts'
import { readBearer } from './bearer.ts'
import type { Exchange } from './exchange.ts'
import { toExchange } from './exchange.ts'
import type { Problem } from './problem.ts'
import { problem, toProblem } from './problem.ts'
import type { Body } from './read-body.ts'
import { BODY_DEADLINE, readBody } from './read-body.ts'
import { requestIdOf } from './request-id.ts'
import type { Route } from './routes.ts'
import { routes } from './routes.ts'

/** How a handler is mounted. */
export interface HandlerOptions {
  /** What stands before every path, where the framework does not take it off: `/identity`. */
  readonly prefix?: string | undefined
  /** Answers a signal that aborts after so many seconds; `AbortSignal.timeout` by default. */
  readonly deadline?: ((seconds: number) => AbortSignal) | undefined
}

/** The HTTP surface of one engine. */
export interface Handler {
  /** Tells by method and undecoded path whether a request is ours. What is not is handed on with its body unread. */
  owns(method: string, path: string): boolean
  /** Serves an exchange that is ours. It always answers: a refusal is an answer too. */
  serve(exchange: Exchange): Promise<Response>
  /** Serves a web request, or answers undefined where it is not ours. */
  handle(request: Request, peer?: Peer): Promise<Response | undefined>
}

const EMPTY: Body = { fields: {} }

const TOO_EARLY = problem(425, 'The request came as early data; send it again')

/** Creates the HTTP surface of an engine: login, renewal, revocation, keys. */
export function createHandler(countersign: Countersign, options: HandlerOptions = {}): Handler {
  const { prefix = '', deadline = (seconds) => AbortSignal.timeout(seconds * 1000) } = options
  const paths = new Set(routes.map(({ path }) => `${prefix}${path}`))

  async function serve(exchange: Exchange): Promise<Response> {
    const requestId = requestIdOf(exchange.headers)
    const path = withoutSlash(exchange.path)
    const found = routes.filter((route) => `${prefix}${route.path}` === path)
    const answer = await run(exchange, found, requestId).catch(toProblem)
    return 'status' in answer ? respondProblem(answer, requestId) : respond(answer, requestId)
  }

  async function run(exchange: Exchange, found: readonly Route[], requestId: string) {
    const { method, headers } = exchange
    const route = found.find((candidate) => candidate.method === method)
    const served =
      route ?? (method === 'HEAD' ? found.find((one) => one.method === 'GET') : undefined)
    if (served === undefined) return notAllowed(found)
    if (served.changesState && headers.get('early-data') === '1') return TOO_EARLY
    const read =
      served.method === 'POST' ? await readBody(exchange, deadline(BODY_DEADLINE)) : EMPTY
    if (read.fields === undefined) return read.problem
    const source = withRequest(exchange, requestId)
    const shown = readBearer(headers.get('authorization'))
    return served.run({ countersign, source, shown, body: read.fields })
  }

  const owns: Handler['owns'] = (method, path) =>
    method !== 'OPTIONS' && paths.has(withoutSlash(path))

  return Object.freeze({
    owns,
    serve,
    async handle(request: Request, peer: Peer = {}) {
      const exchange = toExchange(countersign, request, peer)
      return owns(exchange.method, exchange.path) ? serve(exchange) : undefined
    },
  })
}

function notAllowed(found: readonly Route[]): Problem {
  const methods = found.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  return problem(405, 'This method is not allowed here', { allow: methods.join(', ') })
}

/** One slash at the end is the same path, because real clients send it; every other spelling is another path. */
function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}

function withRequest({ headers, source }: Exchange, requestId: string): Source {
  const userAgent = headers.get('user-agent')
  return { ...source, requestId, ...(userAgent !== null && { userAgent }) }
}
