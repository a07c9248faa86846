import type { Countersign } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'
import { expressGuard, expressHandler } from '@countersign/express'
import type { Express } from 'express'
import express from 'express'

/** A backend with the engine inside. */
export interface Backend {
  readonly app: Express
  readonly countersign: Countersign
}

/** Creates a backend: logins at the root, and a route for workloads that have logged in. */
export function createBackend(issuer: string, rootKey: string | undefined): Backend {
  const countersign = createCountersign({
    issuer,
    rootKeys: [rootKey],
    storage: memoryStorage(),
  })
  const guard = expressGuard(countersign)

  const app = express()
  app.use(expressHandler(countersign))
  app.get('/api/report', guard.authenticate(), (request, response) => {
    const { name, organization } = guard.principalOf(request)
    response.json({ report: 'All quiet', for: name, of: organization })
  })

  return { app, countersign }
}
