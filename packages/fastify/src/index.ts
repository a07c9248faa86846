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
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import fastifyPlugin from 'fastify-plugin'

/** How a Fastify host tells where a request comes from, and who of its people asks. */
export type FastifyOptions = GuardOptions<FastifyRequest>

/** How a Fastify handler differs from the usual one. */
export type FastifyHandlerOptions = MountOptions<FastifyRequest>

/** A hook for any route: `onRequest`, or any one behind it. */
export type FastifyHook = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** The request of a route, whatever an app has added to its type. */
export interface FastifyKey {
  readonly raw: IncomingMessage
}

/** The types of Fastify, as a guard meets them. */
export interface FastifyFramework {
  readonly request: FastifyRequest
  readonly key: FastifyKey
  readonly middleware: FastifyHook
}

/** Guards the routes of a Fastify app. */
export interface FastifyGuard<
  R extends Resources = Resources,
  Who extends Principal<R> = IdentityPrincipal<R>,
> extends RouteGuard<FastifyFramework, R, Who> {
  /** Decorates requests with `principal`: who a guard let in, or `null`. */
  readonly plugin: FastifyPluginCallback
}

const LINE = '5.x'

/**
 * Creates the plugin that serves the engine's routes: `app.register(fastifyHandler(countersign))`. It answers before
 * Fastify parses a body; below a path it takes `prefix`, here or as an option of `register`, and serves what belongs to
 * the root of the origin as well. What is not its own goes on untouched.
 */
export function fastifyHandler(
  engine: HandlerEngine,
  options: FastifyHandlerOptions = {},
): FastifyPluginCallback<{ readonly prefix?: string }> {
  const { user: _user, clientAddress: _address, publicUrl: _url, ...settings } = options
  const plugin: FastifyPluginCallback<{ readonly prefix?: string }> = (app, registered, done) => {
    const prefix = settings.prefix ?? registered.prefix
    const handler = createHandler(engine, { ...settings, prefix })
    app.addHook('onRequest', async (request, reply) => {
      const { raw } = request
      if (!handler.owns(raw.method ?? '', raw.url ?? '')) return undefined
      const peer = callerOf(nodePeerOf(raw), request, options)()
      const user = askerOf(request, options)
      const answer = await handler.answer(nodeExchange(raw, { peer, parsedBody: undefined, user }))
      return answer && write(reply, answer)
    })
    done()
  }
  return fastifyPlugin(plugin, { name: '@countersign/fastify', fastify: LINE })
}

/** Creates the guard of an app: make one, and share it between its routes. With `user` it lets the host's people in. */
export function fastifyGuard<R extends Resources, Options extends FastifyOptions = FastifyOptions>(
  engine: GuardEngine<R>,
  options?: Options,
): FastifyGuard<R, WhoIn<R, Options>> {
  const given: FastifyOptions = options ?? {}
  const guard = createRouteGuard<FastifyFramework, R, Options>(engine, {
    keyOf: ({ raw }) => raw,
    read: (request) => ({
      key: request.raw,
      authorization: nodeAuthorization(request.raw),
      peer: callerOf(nodePeerOf(request.raw), request, given),
      user: askerOf(request, given),
    }),
    toMiddleware: (refuse) => async (request, reply) => {
      const refused = await refuse(request)
      return refused && write(reply, refused)
    },
  })
  const decorate: FastifyPluginCallback = (app, _options, done) => {
    const getter = function (this: FastifyRequest): unknown {
      return guard.findPrincipal(this) ?? null
    }
    app.decorateRequest('principal', { getter } as never)
    done()
  }
  const plugin = fastifyPlugin(decorate, { name: '@countersign/fastify-guard', fastify: LINE })
  return Object.freeze({ ...guard, plugin })
}

function write(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
  return reply.code(status).headers(headers).send(body)
}
