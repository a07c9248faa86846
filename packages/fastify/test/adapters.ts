import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyGuard, FastifyHook } from '@countersign/fastify'
import { fastifyGuard, fastifyHandler } from '@countersign/fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fastify from 'fastify'
import type { Adapter, HostGiven } from '../../http/test/adapter.ts'
import { confuse, countBytes, PREFIX, questionOf, turns } from '../../http/test/adapter.ts'
import { HOST_HEADER } from '../../http/test/http-cases.ts'

/** Fastify as a host. It parses bodies behind the handler, whatever it was told about them. */
export const adapters: readonly Adapter[] = [
  { name: 'Fastify 5', leaves: 'everything', create: (given) => createApp(given) },
]

function createApp(given: HostGiven) {
  const { countersign, mounting, addressHeader, bodyDeadline, ran } = given
  const clientAddress = ({ headers }: FastifyRequest) => {
    const said = headers[addressHeader ?? '']
    return typeof said === 'string' ? said : undefined
  }
  const options = addressHeader === undefined ? {} : { clientAddress }
  const guard = fastifyGuard(countersign, options)
  // Who asks for request.ip believes whoever speaks; nothing of ours may.
  const app = fastify({ trustProxy: true })
  const prefix = mounting === 'under a prefix' ? PREFIX : ''
  app.register(fastifyHandler(countersign, { ...options, bodyDeadline }), { prefix })
  app.register(guard.plugin)
  app.removeAllContentTypeParsers()
  if (mounting === 'behind a body parser') parseAll(app)
  else app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const answer = async (request: FastifyRequest) => {
    ran?.(request.url.replace(/\?.*/, ''))
    await turns(3)
    return { identity: guard.principalOf(request).identity }
  }
  app.get('/unguarded', async (request) => guard.principalOf(request))
  app.get('/guarded', { onRequest: guard.authenticate() }, answer)
  const twice = [guard.authenticate(), guard.authenticate({ optional: true })]
  app.get('/twice', { preHandler: twice }, answer)
  app.get('/optional', { preHandler: guard.authenticate({ optional: true }) }, async (request) => {
    ran?.('/optional')
    return { identity: guard.findPrincipal(request)?.identity ?? null }
  })
  const taken: FastifyHook = async (_request, reply) => reply.send('taken')
  app.get('/answered', { preHandler: [taken, guard.authenticate()] }, async () => 'late')
  for (const [path, preHandler] of decidingGuards(guard)) app.get(path, { preHandler }, answer)
  app.setNotFoundHandler(async ({ raw, body }, reply) => {
    const received = typeof body === 'string' ? Buffer.byteLength(body) : await countBytes(raw)
    return reply.code(404).header(HOST_HEADER, 'yes').send({ received })
  })
  return listenerOf(app)
}

function parseAll(app: FastifyInstance): void {
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
}

/** Starts a host with its first request. */
function listenerOf(app: FastifyInstance) {
  const ready = app.ready()
  return (request: IncomingMessage, response: ServerResponse) => {
    ready.then(() => app.routing(request, response))
  }
}

function decidingGuards(guard: FastifyGuard): readonly (readonly [string, FastifyHook[]])[] {
  const own = (request: FastifyRequest) => {
    const { project = '' } = guard.principalOf(request).metadata
    return { project, environment: 'prod', path: '/' }
  }
  const later = async (): Promise<object> => ({})
  return [
    ['/secret', [guard.can('secret:read', ({ url }) => questionOf(url))]],
    ['/invoice', [guard.can('invoice:read'), guard.can('invoice:approve')]],
    ['/own', [guard.can('secret:read', own)]],
    ['/confused', [guard.can('secret:read', confuse)]],
    ['/later', [guard.can('invoice:approve', later as () => object)]],
  ]
}
