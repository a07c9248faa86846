import { fastifyGuard } from '@countersign/fastify'
import fastifyJwt from '@fastify/jwt'
import type { FastifyRequest, onRequestHookHandler } from 'fastify'
import fastify from 'fastify'
import type { Kind, MakeApp } from './app.ts'
import { ANSWER } from './app.ts'

/** Fastify 5, beside @fastify/jwt. */
export const makeApp: MakeApp = async (kind, means) => {
  const app = fastify()
  if (kind === 'usual')
    await app.register(fastifyJwt, {
      secret: { public: means.key.export({ type: 'spki', format: 'pem' }) as string },
      verify: { allowedIss: means.issuer, allowedAud: means.issuer, algorithms: ['RS256'] },
    })
  const guard = fastifyGuard(means.countersign)
  if (kind === 'countersign') await app.register(guard.plugin)
  const hooks: Readonly<Record<Kind, onRequestHookHandler>> = {
    'no-op': (_request, _reply, done) => done(),
    countersign: guard.authenticate() as onRequestHookHandler,
    usual: async (request: FastifyRequest) => {
      await request.jwtVerify()
    },
  }
  app.get('/', { onRequest: hooks[kind] }, (_request, reply) => {
    reply.send(ANSWER)
  })
  await app.ready()
  return app.server
}
