import { createRequire } from 'node:module'
import type { ExpressGuard, ExpressRequest } from '@countersign/express'
import { expressGuard, expressHandler } from '@countersign/express'
import type { Request, RequestHandler } from 'express'
import express from 'express'
import type { Adapter, HostGiven } from '../../http/test/adapter.ts'
import { confuse, countBytes, PREFIX, questionOf, turns } from '../../http/test/adapter.ts'
import { HOST_HEADER } from '../../http/test/http-cases.ts'

type Express = typeof express

/** Express 4 brings no types; what of it is used here has those of Express 5. */
const express4: Express = createRequire(import.meta.url)('express4')

/** Both majors of Express, as hosts. */
export const adapters: readonly Adapter[] = [
  { name: 'Express 5', create: (given) => createApp(express, given) },
  { name: 'Express 4', create: (given) => createApp(express4, given) },
]

function createApp(framework: Express, given: HostGiven) {
  const { countersign, mounting, addressHeader, bodyDeadline, ran } = given
  const clientAddress = (request: Request) => request.get(addressHeader ?? '')
  const options = addressHeader === undefined ? {} : { clientAddress }
  const guard = expressGuard(countersign, options)
  const handler = expressHandler(countersign, { ...options, bodyDeadline })
  const answer: RequestHandler = (request, response, next) => {
    ran?.(request.path)
    turns(3)
      .then(() => response.json({ identity: guard.principalOf(request).identity }))
      .catch(next)
  }

  const app = framework()
  // Who asks for request.ip believes whoever speaks; nothing of ours may.
  app.set('trust proxy', true)
  if (mounting === 'behind a body parser')
    app.use(framework.json(), framework.urlencoded({ extended: true }))
  if (mounting === 'under a prefix') {
    app.use(PREFIX, handler)
    for (const path of handler.rootPaths) app.get(path, handler)
  } else app.use(handler)
  app.get('/unguarded', (request, response) => {
    response.json(guard.principalOf(request))
  })
  app.get('/guarded', guard.authenticate(), answer)
  app.get('/twice', guard.authenticate(), guard.authenticate({ optional: true }), answer)
  app.get('/optional', guard.authenticate({ optional: true }), (request, response) => {
    ran?.(request.path)
    response.json({ identity: guard.findPrincipal(request)?.identity ?? null })
  })
  app.get('/answered', (_request, response, next) => {
    response.send('taken')
    next()
  })
  app.get('/answered', guard.authenticate())
  addDecidingRoutes(app, guard, answer)
  app.use((request, response, next) => {
    countBytes(request)
      .then((received) => response.status(404).set(HOST_HEADER, 'yes').json({ received }))
      .catch(next)
  })
  return app
}

function addDecidingRoutes(
  app: ReturnType<Express>,
  guard: ExpressGuard,
  answer: RequestHandler,
): void {
  const approve = guard.can('invoice:approve')
  app.get(
    '/secret',
    guard.can('secret:read', ({ url }) => questionOf(url ?? '')),
    answer,
  )
  app.get('/invoice', guard.can('invoice:read'), approve, answer)
  app.get('/own', guard.can('secret:read', ownQuestion(guard)), answer)
  app.get('/confused', guard.can('secret:read', confuse), answer)
  const later = async (): Promise<object> => ({})
  app.get('/later', guard.can('invoice:approve', later as () => object), answer)
}

function ownQuestion(guard: ExpressGuard) {
  return (request: ExpressRequest) => {
    const { project = '' } = guard.principalOf(request).metadata
    return { project, environment: 'prod', path: '/' }
  }
}
