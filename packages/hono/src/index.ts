import type { IdentityPrincipal, Principal, Resources } from '@countersign/core'
import type {
  Answer,
  Caller,
  Exchange,
  GuardEngine,
  GuardOptions,
  HandlerEngine,
  MountOptions,
  RouteGuard,
  WhoIn,
} from '@countersign/http'
import {
  askerOf,
  callerOf,
  createHandler,
  createRouteGuard,
  exchangeOf,
  webPeer,
} from '@countersign/http'
import type { NodeRequest } from '@countersign/http/node'
import { nodeExchange, nodePeerOf } from '@countersign/http/node'
import type { Context, MiddlewareHandler } from 'hono'

/** How a Hono host tells where a request comes from, and who of its people asks. */
export type HonoOptions = GuardOptions<Context>

/** How a Hono handler differs from the usual one. */
export type HonoHandlerOptions = MountOptions<Context>

/** The engine's routes as one middleware. */
export interface HonoHandler extends MiddlewareHandler {
  /** Paths that must reach the handler at the root as well, where the handler itself is mounted below one. */
  readonly rootPaths: readonly string[]
}

/** The context of a request, whatever an app has added to its type. */
export interface HonoKey {
  readonly req: { readonly raw: Request }
}

/** The types of Hono, as a guard meets them. */
export interface HonoFramework {
  readonly request: Context
  readonly key: HonoKey
  readonly middleware: MiddlewareHandler
}

/** Guards the routes of a Hono app. */
export type HonoGuard<
  R extends Resources = Resources,
  Who extends Principal<R> = IdentityPrincipal<R>,
> = RouteGuard<HonoFramework, R, Who>

/**
 * Creates the middleware that serves the engine's routes: `app.use(honoHandler(countersign))`, before or behind what reads
 * bodies. Below a path it takes `prefix`, and is mounted at the root all the same.
 */
export function honoHandler(engine: HandlerEngine, options: HonoHandlerOptions = {}): HonoHandler {
  const { user: _user, clientAddress: _address, publicUrl: _url, ...settings } = options
  const handler = createHandler(engine, settings)

  const middleware: MiddlewareHandler = async (context, next) => {
    const { method, url } = context.req
    const target = nodeRequestOf(context)?.url ?? url.slice(new URL(url).origin.length)
    if (!handler.owns(method, target)) return next()
    const answer = await handler.answer(await exchangeIn(context, options))
    return answer && toResponse(answer, method)
  }
  return Object.assign(middleware, { rootPaths: handler.rootPaths })
}

/** Creates the guard of an app: make one, and share it between its routes. With `user` it lets the host's people in. */
export function honoGuard<R extends Resources, Options extends HonoOptions = HonoOptions>(
  engine: GuardEngine<R>,
  options?: Options,
): HonoGuard<R, WhoIn<R, Options>> {
  const given: HonoOptions = options ?? {}
  return createRouteGuard<HonoFramework, R, Options>(engine, {
    keyOf: ({ req }) => req.raw,
    read: (context) => ({
      key: context.req.raw,
      authorization: context.req.header('authorization'),
      peer: peerOf(context, given),
      user: askerOf(context, given),
    }),
    toMiddleware: (refuse) => async (context, next) => {
      const refused = await refuse(context)
      return refused === undefined ? next() : toResponse(refused, context.req.method)
    },
  })
}

/** On Node the raw request is there, and says what its web form has normalised. */
function nodeRequestOf({ env }: Context): NodeRequest | undefined {
  return (env as { readonly incoming?: NodeRequest } | undefined)?.incoming
}

function peerOf(context: Context, options: HonoOptions): () => Caller {
  const incoming = nodeRequestOf(context)
  const peer = incoming === undefined ? () => webPeer(context.req.raw) : nodePeerOf(incoming)
  return callerOf(peer, context, options)
}

/** A body that was read before us lies in Hono's cache, and is written again in its own media type. */
async function exchangeIn(context: Context, options: HonoOptions): Promise<Exchange> {
  const { req } = context
  const peer = peerOf(context, options)()
  const user = askerOf(context, options)
  const raw = req.raw.bodyUsed ? undefined : nodeRequestOf(context)
  if (raw !== undefined) return nodeExchange(raw, { peer, parsedBody: undefined, user })
  const exchange = { ...exchangeOf(req.raw, peer), user }
  if (!req.raw.bodyUsed) return exchange
  return { ...exchange, body: new Response(await req.text()).body ?? undefined }
}

function toResponse({ status, headers, body }: Answer, method: string): Response {
  return new Response(method === 'HEAD' ? null : body, { status, headers: { ...headers } })
}
