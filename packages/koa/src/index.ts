import type { IncomingMessage } from 'node:http'
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
import { nodeAuthorization, nodeExchange, nodePeer } from '@countersign/http/node'
import type { Context, Middleware } from 'koa'

/** How a Koa host tells where a request comes from. */
export interface KoaOptions {
  /**
   * Answers the client's address, and `undefined` where it is unknown. Without it the socket's counts, or what the
   * engine's `trustedProxies` say; `context.ip` is never asked.
   */
  clientAddress?(context: Context): string | undefined
}

/** How a Koa handler differs from the usual one. */
export interface KoaHandlerOptions extends Omit<HandlerOptions, 'onError'>, KoaOptions {}

/** The engine's routes as one middleware. */
export interface KoaHandler extends Middleware {
  /** Paths that must reach the handler at the root as well, where the handler itself is mounted below one. */
  readonly rootPaths: readonly string[]
}

/** The context of a request, whatever an app has added to its type. */
export interface KoaRequest {
  readonly req: IncomingMessage
}

/** The types of Koa, as a guard meets them. */
export interface KoaFramework {
  readonly request: Context
  readonly key: KoaRequest
  readonly middleware: Middleware
}

/** Guards the routes of a Koa app. */
export type KoaGuard<R extends Resources = Resources> = RouteGuard<KoaFramework, R>

/**
 * Creates the middleware that serves the engine's routes: `app.use(koaHandler(countersign))`, before or behind body
 * parsers. What is not its own is handed on with its body unread.
 */
export function koaHandler(
  engine: HandlerEngine,
  { clientAddress, ...options }: KoaHandlerOptions = {},
): KoaHandler {
  const handler = createHandler(engine, options)

  const middleware: Middleware = async (context, next) => {
    if (!handler.owns(context.method, context.url)) return next()
    const { request } = context
    const parsedBody = 'body' in request ? request.body : undefined
    const peer = peerOf(context, clientAddress)
    const answer = await handler.answer(nodeExchange(context.req, { peer, parsedBody }))
    if (answer !== undefined) write(context, answer)
  }
  return Object.assign(middleware, { rootPaths: handler.rootPaths })
}

/** Creates the guard of an app: make one, and share it between its routers. */
export function koaGuard<R extends Resources>(
  engine: GuardEngine<R>,
  { clientAddress }: KoaOptions = {},
): KoaGuard<R> {
  return createRouteGuard<KoaFramework, R>(engine, {
    keyOf: ({ req }) => req,
    read: (context) => ({
      authorization: nodeAuthorization(context.req),
      peer: peerOf(context, clientAddress),
    }),
    toMiddleware: (refuse) => async (context, next) => {
      const refused = await refuse(context)
      if (refused === undefined) return next()
      write(context, refused)
    },
  })
}

function peerOf(context: Context, clientAddress: KoaOptions['clientAddress']): Caller {
  const peer = nodePeer(context.req)
  return clientAddress === undefined ? peer : { ...peer, clientAddress: clientAddress(context) }
}

function write(context: Context, { status, headers, body }: Answer): void {
  context.set({ ...headers })
  context.status = status
  context.body = body
}
