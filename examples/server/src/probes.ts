import type { Router } from 'express'
import express from 'express'
import type { Engine } from './vocabulary.ts'

/** Creates what probes ask: whether this process lives, and whether it should be sent requests. Neither tells a secret. */
export function probes({ health }: Pick<Engine, 'health'>): Router {
  const router = express.Router()
  // It asks nobody: a process is not to be restarted because its database is away.
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/readyz', async (_request, response) => {
    const { live: _live, ready, ...rest } = await health()
    response
      .status(ready ? 200 : 503)
      .set('cache-control', 'no-store')
      .json({ status: ready ? 'ready' : 'not ready', ...rest })
  })
  return router
}
