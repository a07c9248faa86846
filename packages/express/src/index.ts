import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Resources } from '@countersign/core'
import type {
  Answer,
  Caller,
  GuardEngine,
  HandlerEngine,
  HandlerOptions,
  RouteGuard,
} from '@countersign/http'
import { createHandler, createRouteGuard } from '@countersign/http'
import { nodeAuthorization, nodeExchange, nodePeer, nodeTarget } from '@countersign/http/node'

/** A request of any route: what Express adds to Node's, as far as it is needed. */
export interface ExpressRequest extends IncomingMessage {
  readonly ip?: string | undefined
  readonly body?: unknown
  readonly baseUrl?: string | undefined
  readonly originalUrl?: string | undefined
}

/** A middleware for any route; it leaves the types of the route's own handlers alone. */
export type ExpressMiddleware = (
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** How an Express host tells where a request comes from. */
export interface ExpressOptions {
  /**
   * Answers the client's address, and `undefined` where it is unknown. Without it the socket's counts, or what the
   * engine's `trustedProxies` say; `request.ip` is never asked.
   */
  clientAddress?(request: ExpressRequest): string | undefined
}

/** How an Express handler differs from the usual one. */
export interface ExpressHandlerOptions extends Omit<HandlerOptions, 'onError'>, ExpressOptions {}

/** The engine's routes as one middleware. */
export interface ExpressHandler extends ExpressMiddleware {
  /** Paths to mount at the root as well, with `app.get(path, handler)`, where the handler itself is mounted below one. */
  readonly rootPaths: readonly string[]
}

/** The types of Express, as a guard meets them. */
export interface ExpressFramework {
  readonly request: ExpressRequest
  readonly key: IncomingMessage
  readonly middleware: ExpressMiddleware
}

/** Guards the routes of an Express app. */
export type ExpressGuard<R extends Resources = Resources> = RouteGuard<ExpressFramework, R>

/**
 * Creates the middleware that serves the engine's routes: `app.use(expressHandler(countersign))`, before or behind body
 * parsers, at the root or below a path. What is not its own is handed on with its body unread.
 */
export function expressHandler(
  engine: HandlerEngine,
  { clientAddress, ...options }: ExpressHandlerOptions = {},
): ExpressHandler {
  const handler = createHandler(engine, options)

  async function respond(request: ExpressRequest, response: ServerResponse): Promise<void> {
    const context = { peer: peerOf(request, clientAddress), parsedBody: request.body }
    const answer = await handler.answer(nodeExchange(request, context))
    if (answer !== undefined) write(response, answer)
  }

  const middleware: ExpressMiddleware = (request, response, next) => {
    if (!handler.owns(request.method ?? '', nodeTarget(request))) return next()
    respond(request, response).catch(next)
  }
  return Object.assign(middleware, { rootPaths: handler.rootPaths })
}

/** Creates the guard of an app: make one, and share it between its routers. */
export function expressGuard<R extends Resources>(
  engine: GuardEngine<R>,
  { clientAddress }: ExpressOptions = {},
): ExpressGuard<R> {
  return createRouteGuard<ExpressFramework, R>(engine, {
    keyOf: (request) => request,
    read: (request) => ({
      authorization: nodeAuthorization(request),
      peer: peerOf(request, clientAddress),
    }),
    toMiddleware: (refuse) => (request, response, next) => {
      refuse(request)
        .then((refused) => {
          if (refused === undefined) return next()
          write(response, refused)
        })
        // A host that has answered meanwhile, after a timeout of its own, must not cost the process.
        .catch(next)
    },
  })
}

function peerOf(request: ExpressRequest, clientAddress: ExpressOptions['clientAddress']): Caller {
  const peer = nodePeer(request)
  return clientAddress === undefined ? peer : { ...peer, clientAddress: clientAddress(request) }
}

/** Headers that are set one by one let Node count the body; written at once, they would make it chunked. */
function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.statusCode = status
  response.setHeaders(new Map(Object.entries(headers)))
  response.end(body)
}
