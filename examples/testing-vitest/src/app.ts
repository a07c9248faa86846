import type { Countersign } from '@countersign/core'
import { expressGuard } from '@countersign/express'
import type { Express } from 'express'
import express from 'express'

/** Creates the app around an engine: the app's own, or that of one test. */
export function createApp(countersign: Countersign): Express {
  const guard = expressGuard(countersign)
  const app = express()

  app.get('/report', guard.authenticate(), (request, response) => {
    const { name } = guard.principalOf(request)
    response.json({ report: 'All quiet', for: name })
  })

  return app
}
