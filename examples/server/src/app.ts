import { expressGuard, expressHandler } from '@countersign/express'
import type { Express } from 'express'
import express from 'express'
import { probes } from './probes.ts'
import { requireProject } from './projects.ts'
import { secretOf } from './secret.ts'
import type { Records } from './storage.ts'
import type { Engine } from './vocabulary.ts'

/** Creates the host's own backend: logins at the root, routes that know who is calling, and routes that ask what it may. */
export function createApp(
  countersign: Engine,
  options: Pick<Records, 'idempotency'> = {},
): Express {
  const guard = expressGuard(countersign)
  const app = express()
  app.disable('x-powered-by')
  app.use(expressHandler(countersign, { idempotency: options.idempotency }))
  app.use(probes(countersign))
  app.get('/api/whoami', guard.authenticate(), (request, response) => {
    response.json(guard.principalOf(request))
  })
  app.get(
    '/api/projects/:project/secrets/:environment/*path',
    guard.authenticate(),
    requireProject(countersign, guard),
    guard.can('secret:read', secretOf),
    (request, response) => {
      response.json({ ...secretOf(request), value: 'not a secret, but a demo' })
    },
  )
  app.post('/api/invoices/:id/approve', guard.can('invoice:approve'), (request, response) => {
    response.json({ invoice: request.params.id, approvedBy: guard.principalOf(request).name })
  })
  return app
}
