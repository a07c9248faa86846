import type { Countersign } from '@countersign/core'
import { expressGuard, expressHandler } from '@countersign/express'
import type { Express } from 'express'
import express from 'express'

/** Creates the host's own backend: logins at the root, and routes that know who is calling. */
export function createApp(countersign: Countersign): Express {
  const guard = expressGuard(countersign)
  const app = express()
  app.disable('x-powered-by')
  app.use(expressHandler(countersign))
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' })
  })
  app.get('/api/whoami', guard.authenticate(), (request, response) => {
    response.json(guard.principalOf(request))
  })
  return app
}
