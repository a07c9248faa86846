import 'reflect-metadata'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expressHandler } from '@countersign/express'
import { fastifyHandler } from '@countersign/fastify'
import type { NestRequest } from '@countersign/nest'
import { nestGuard } from '@countersign/nest'
import type { INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import type { Request } from 'express'
import express from 'express'
import type { FastifyRequest } from 'fastify'
import fastify from 'fastify'
import type { Adapter, HostGiven } from '../../http/test/adapter.ts'
import { PREFIX } from '../../http/test/adapter.ts'
import { moduleOf, OurForm } from './routes.ts'

const SETTINGS = { bodyParser: false, logger: false } as const

/** Nest as a host, on both of its platforms. */
export const adapters: readonly Adapter[] = [
  { name: 'Nest 12 on Express', withoutDetails: true, create: onExpress },
  { name: 'Nest 12 on Fastify', withoutDetails: true, leaves: 'everything', create: onFastify },
]

function onExpress(given: HostGiven) {
  const { countersign, mounting, bodyDeadline } = given
  const app = express()
  if (mounting === 'behind a body parser')
    app.use(express.json(), express.urlencoded({ extended: true }))
  const handler = expressHandler(countersign, {
    ...addressIn<Request>(given, (request, name) => request.get(name)),
    bodyDeadline,
  })
  if (mounting === 'under a prefix') {
    app.use(PREFIX, handler)
    for (const path of handler.rootPaths) app.get(path, handler)
  } else app.use(handler)
  const nest = NestFactory.create(rootOf(given), new ExpressAdapter(app), SETTINGS)
  return listenerOf(nest, app)
}

function onFastify(given: HostGiven) {
  const { countersign, mounting, bodyDeadline } = given
  const app = fastify()
  const options = addressIn<FastifyRequest>(given, ({ headers }, name) => {
    const said = headers[name.toLowerCase()]
    return typeof said === 'string' ? said : undefined
  })
  const prefix = mounting === 'under a prefix' ? PREFIX : ''
  app.register(fastifyHandler(countersign, { ...options, bodyDeadline }), { prefix })
  app.removeAllContentTypeParsers()
  if (mounting === 'behind a body parser')
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  else app.addContentTypeParser('*', (_request, _payload, done) => done(null))
  const nest = NestFactory.create(rootOf(given), new FastifyAdapter(app as never), SETTINGS)
  return listenerOf(nest, (request, response) => {
    app.ready().then(() => app.routing(request, response))
  })
}

function rootOf(given: HostGiven) {
  const headersOf = (request: NestRequest) => ('raw' in request ? request.raw : request).headers
  const options = addressIn<NestRequest>(given, (request, name) => {
    const said = headersOf(request)[name.toLowerCase()]
    return typeof said === 'string' ? said : undefined
  })
  return moduleOf(nestGuard(given.countersign, options), given)
}

/** How a host says where a request comes from, where a test wants it to. */
function addressIn<Asked>(
  { addressHeader }: HostGiven,
  read: (request: Asked, name: string) => string | undefined,
): { readonly clientAddress?: (request: Asked) => string | undefined } {
  if (addressHeader === undefined) return {}
  return { clientAddress: (request) => read(request, addressHeader) }
}

/** Starts a host with its first request. */
function listenerOf(
  nest: Promise<INestApplication>,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const ready = nest.then(async (app) => {
    app.useGlobalFilters(new OurForm(app.getHttpAdapter()))
    await app.init()
  })
  return (request: IncomingMessage, response: ServerResponse): void => {
    ready.then(
      () => answer(request, response),
      (error: unknown) => response.destroy(error as Error),
    )
  }
}
