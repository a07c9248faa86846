import type { Countersign, IdentityPrincipal } from '@countersign/core'
import type { AuthenticateOptions, HandlerOptions } from '@countersign/http'
import { createGuard, createHandler } from '@countersign/http'
import { fromNode, nodeSource, pathOf } from '@countersign/http/node'
import type { Context, Middleware } from 'koa'

/** Who knows a client's address better than its socket: a host behind a proxy with a header of its own. */
export interface SourceOptions {
  /** Answers the client's address; without it, the socket's, or what the trusted proxies of the engine say. */
  readonly clientAddress?: ((context: Context) => string | undefined) | undefined
}

/** How the handler is mounted. */
export interface KoaHandlerOptions extends HandlerOptions, SourceOptions {}

/**
 * Creates the middleware that serves an engine's HTTP surface: `app.use(koaHandler(countersign))`, before or behind a body
 * parser. What is not its own it hands on with the body unread.
 */
export function koaHandler(
  countersign: Countersign,
  { clientAddress, ...options }: KoaHandlerOptions = {},
): Middleware {
  const handler = createHandler(countersign, options)

  return async (context, next) => {
    if (!handler.owns(context.method, pathOf(context.url))) return next()
    const source = nodeSource(countersign, context.req, clientAddress?.(context))
    const { body: parsed } = context.request as { readonly body?: unknown }
    const exchange = fromNode({ message: context.req, url: context.url, parsed, source })
    const response = await handler.serve(exchange)
    write(context, response.status, Object.fromEntries(response.headers), await response.text())
  }
}

/** Protects routes, and tells who calls them. */
export interface KoaGuard {
  /**
   * Lets a request on only with a valid access token; a limited token spends one use, however many guards a request
   * passes. A refusal is answered at once, with the challenge of RFC 6750.
   */
  authenticate(options?: AuthenticateOptions): Middleware
  /** The principal of a request; throws a `TypeError` where no guard authenticated it. */
  principalOf(context: Context): IdentityPrincipal
  /** The principal of a request, or undefined where it has none. */
  findPrincipal(context: Context): IdentityPrincipal | undefined
}

/** Creates the guard of an app: made once, and exported beside the engine. */
export function koaGuard(
  countersign: Countersign,
  { clientAddress }: SourceOptions = {},
): KoaGuard {
  const guard = createGuard(countersign)

  return Object.freeze({
    principalOf: (context: Context) => guard.principalOf(context.req),
    findPrincipal: (context: Context) => guard.findPrincipal(context.req),
    authenticate:
      (options: AuthenticateOptions = {}): Middleware =>
      async (context, next) => {
        const { req: request } = context
        const { authorization } = request.headers
        const source = () => nodeSource(countersign, request, clientAddress?.(context))
        const refusal = await guard.refuse({ request, authorization, source }, options)
        if (refusal === undefined) return next()
        write(context, refusal.status, refusal.headers, refusal.body)
      },
  })
}

function write(
  context: Context,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: string,
): void {
  context.status = status
  context.set({ ...headers })
  context.body = body
}
