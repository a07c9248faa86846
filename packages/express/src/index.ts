import type { IncomingMessage, ServerResponse } from 'node:http'
import type { IdentityPrincipal, Principal, Resources } from '@countersign/core'
import type {
  Answer,
  GuardEngine,
  GuardOptions,
  HandlerEngine,
  MountOptions,
  RouteGuard,
  WhoIn,
} from '@countersign/http'
import { askerOf, callerOf, createHandler, createRouteGuard } from '@countersign/http'
import { nodeAuthorization, nodeExchange, nodePeerOf, nodeTarget } from '@countersign/http/node'

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

/** How an Express host tells where a request comes from, and who of its people asks. */
export type ExpressOptions = GuardOptions<ExpressRequest>

/** How an Express handler differs from the usual one. */
export type ExpressHandlerOptions = MountOptions<ExpressRequest>

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
export type ExpressGuard<
  R extends Resources = Resources,
  Who extends Principal<R> = IdentityPrincipal<R>,
> = RouteGuard<ExpressFramework, R, Who>

/**
 * Creates the middleware that serves the engine's routes: `app.use(expressHandler(countersign))`, before or behind body
 * parsers, at the root or below a path. What is not its own is handed on with its body unread.
 */
export function expressHandler(
  engine: HandlerEngine,
  options: ExpressHandlerOptions = {},
): ExpressHandler {
  const { user: _user, clientAddress: _address, publicUrl: _url, ...settings } = options
  const handler = createHandler(engine, settings)

  async function respond(request: ExpressRequest, response: ServerResponse): Promise<void> {
    const peer = callerOf(nodePeerOf(request), request, options)()
    const context = { peer, parsedBody: request.body, user: askerOf(request, options) }
    const answer = await handler.answer(nodeExchange(request, context))
    if (answer !== undefined) write(response, answer)
  }

  const middleware: ExpressMiddleware = (request, response, next) => {
    if (!handler.owns(request.method ?? '', nodeTarget(request))) return next()
    respond(request, response).catch(next)
  }
  return Object.assign(middleware, { rootPaths: handler.rootPaths })
}

/** Creates the guard of an app: make one, and share it between its routers. With `user` it lets the host's people in. */
export function expressGuard<R extends Resources, Options extends ExpressOptions = ExpressOptions>(
  engine: GuardEngine<R>,
  options?: Options,
): ExpressGuard<R, WhoIn<R, Options>> {
  const given: ExpressOptions = options ?? {}
  return createRouteGuard<ExpressFramework, R, Options>(engine, {
    keyOf: (request) => request,
    read: (request) => ({
      key: request,
      authorization: nodeAuthorization(request),
      peer: callerOf(nodePeerOf(request), request, given),
      user: askerOf(request, given),
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

/** Headers that are set one by one let Node count the body; written at once, they would make it chunked. */
function write(response: ServerResponse, { status, headers, body }: Answer): void {
  response.statusCode = status
  response.setHeaders(new Map(Object.entries(headers)))
  response.end(body)
}
