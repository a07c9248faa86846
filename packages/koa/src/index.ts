import type { IncomingMessage } from 'node:http'
import type { IdentityPrincipal } from '@countersign/core'
import type {
  Answer,
  Caller,
  GuardEngine,
  GuardRules,
  HandlerEngine,
  HandlerOptions,
} from '@countersign/http'
import { createGuard, createHandler } from '@countersign/http'
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

/** Guards the routes of a Koa app. */
export interface KoaGuard {
  /** Lets requests pass whose token is good; with `optional`, those too that show none of ours. */
  authenticate(rules?: GuardRules): Middleware
  /** Answers who makes a request; throws a `TypeError` where `authenticate()` did not run before. */
  principalOf(context: KoaRequest): IdentityPrincipal
  findPrincipal(context: KoaRequest): IdentityPrincipal | undefined
}

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
export function koaGuard(engine: GuardEngine, { clientAddress }: KoaOptions = {}): KoaGuard {
  const guard = createGuard(engine)

  return Object.freeze({
    principalOf: ({ req }: KoaRequest) => guard.principalOf(req),
    findPrincipal: ({ req }: KoaRequest) => guard.findPrincipal(req),
    authenticate:
      (rules?: GuardRules): Middleware =>
      async (context, next) => {
        const authorization = nodeAuthorization(context.req)
        const peer = peerOf(context, clientAddress)
        const verdict = await guard.authenticate({ key: context.req, authorization, peer }, rules)
        if (verdict.refused === undefined) return next()
        write(context, verdict.refused)
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
