import type { Countersign, IdentityPrincipal } from '@countersign/core'
import type { AuthenticateOptions, HandlerOptions } from '@countersign/http'
import { createGuard, createHandler } from '@countersign/http'
import { fromNode, nodeSource, pathOf, toNode } from '@countersign/http/node'
import type { Request, RequestHandler } from 'express'

/** Who knows a client's address better than its socket: a host behind a proxy with a header of its own. */
export interface SourceOptions {
  /** Answers the client's address; without it, the socket's, or what the trusted proxies of the engine say. */
  readonly clientAddress?: ((request: Request) => string | undefined) | undefined
}

/** How the handler is mounted. */
export interface ExpressHandlerOptions extends HandlerOptions, SourceOptions {}

/**
 * Creates the middleware that serves an engine's HTTP surface: `app.use(expressHandler(countersign))`, before or behind a
 * body parser, under a prefix too. What is not its own it hands on with the body unread.
 */
export function expressHandler(
  countersign: Countersign,
  { clientAddress, ...options }: ExpressHandlerOptions = {},
): RequestHandler {
  const handler = createHandler(countersign, options)

  return (request, response, next) => {
    if (!handler.owns(request.method, pathOf(request.url))) return next()
    const serve = async (): Promise<void> => {
      const source = nodeSource(countersign, request, clientAddress?.(request))
      const exchange = fromNode({
        message: request,
        url: request.url,
        parsed: request.body,
        source,
      })
      await toNode(await handler.serve(exchange), response)
    }
    serve().catch(next)
  }
}

/** Protects routes, and tells who calls them. */
export interface ExpressGuard {
  /**
   * Lets a request on only with a valid access token; a limited token spends one use, however many guards a request
   * passes. A refusal is answered at once, with the challenge of RFC 6750.
   */
  authenticate(options?: AuthenticateOptions): RequestHandler
  /** The principal of a request; throws a `TypeError` where no guard authenticated it. */
  principalOf(request: Request): IdentityPrincipal
  /** The principal of a request, or undefined where it has none. */
  findPrincipal(request: Request): IdentityPrincipal | undefined
}

/** Creates the guard of an app: made once, and exported beside the engine. */
export function expressGuard(
  countersign: Countersign,
  { clientAddress }: SourceOptions = {},
): ExpressGuard {
  const guard = createGuard(countersign)

  return Object.freeze({
    principalOf: guard.principalOf,
    findPrincipal: guard.findPrincipal,
    authenticate:
      (options: AuthenticateOptions = {}): RequestHandler =>
      (request, response, next) => {
        const { authorization } = request.headers
        const source = () => nodeSource(countersign, request, clientAddress?.(request))
        guard.refuse({ request, authorization, source }, options).then((refusal) => {
          if (refusal === undefined) return next()
          response.writeHead(refusal.status, refusal.headers).end(refusal.body)
        }, next)
      },
  })
}
