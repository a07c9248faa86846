import type { IncomingMessage } from 'node:http'
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
import { nodeAuthorization, nodeExchange, nodePeerOf } from '@countersign/http/node'
import type { Context, Middleware } from 'koa'

/** How a Koa host tells where a request comes from, and who of its people asks. */
export type KoaOptions = GuardOptions<Context>

/** How a Koa handler differs from the usual one. */
export type KoaHandlerOptions = MountOptions<Context>

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
export type KoaGuard<
  R extends Resources = Resources,
  Who extends Principal<R> = IdentityPrincipal<R>,
> = RouteGuard<KoaFramework, R, Who>

/**
 * Creates the middleware that serves the engine's routes: `app.use(koaHandler(countersign))`, before or behind body
 * parsers. What is not its own is handed on with its body unread.
 */
export function koaHandler(engine: HandlerEngine, options: KoaHandlerOptions = {}): KoaHandler {
  const { user: _user, clientAddress: _address, publicUrl: _url, ...settings } = options
  const handler = createHandler(engine, settings)

  const middleware: Middleware = async (context, next) => {
    if (!handler.owns(context.method, context.url)) return next()
    const { req, request } = context
    const parsedBody = 'body' in request ? request.body : undefined
    const peer = callerOf(nodePeerOf(req, context.originalUrl), context, options)()
    const user = askerOf(context, options)
    const answer = await handler.answer(nodeExchange(req, { peer, parsedBody, user }))
    if (answer !== undefined) write(context, answer)
  }
  return Object.assign(middleware, { rootPaths: handler.rootPaths })
}

/** Creates the guard of an app: make one, and share it between its routers. With `user` it lets the host's people in. */
export function koaGuard<R extends Resources, Options extends KoaOptions = KoaOptions>(
  engine: GuardEngine<R>,
  options?: Options,
): KoaGuard<R, WhoIn<R, Options>> {
  const given: KoaOptions = options ?? {}
  return createRouteGuard<KoaFramework, R, Options>(engine, {
    keyOf: ({ req }) => req,
    read: (context) => ({
      key: context.req,
      authorization: nodeAuthorization(context.req),
      peer: callerOf(nodePeerOf(context.req, context.originalUrl), context, given),
      user: askerOf(context, given),
    }),
    toMiddleware: (refuse) => async (context, next) => {
      const refused = await refuse(context)
      if (refused === undefined) return next()
      write(context, refused)
    },
  })
}

function write(context: Context, { status, headers, body }: Answer): void {
  context.set({ ...headers })
  context.status = status
  context.body = body
}
