import { createCountersign, memoryStorage } from '@countersign/core'
import { expressGuard, expressHandler } from '@countersign/express'
import type { Express, Request } from 'express'
import express from 'express'
import type { OldKeys } from './old-keys.ts'

/** The engine, in the words of this backend. */
export type Engine = ReturnType<typeof createEngine>

export const resources = {
  report: { scope: 'project', actions: ['read', 'write'] },
  invoice: { scope: 'organization', actions: ['read'] },
} as const

export function createEngine(issuer: string, rootKey: string | undefined) {
  return createCountersign({ issuer, rootKeys: [rootKey], storage: memoryStorage(), resources })
}

/** One guard for both: whoever shows a key, and whoever shows a token. */
export function createApp(countersign: Engine, oldKeys: OldKeys): Express {
  const guard = expressGuard(countersign, { user: oldKeys.claimOf })
  const app = express()
  app.use(expressHandler(countersign))
  app.use(oldKeys.recognise)
  app.get(
    '/projects/:project/reports',
    guard.can('report:read', ({ params }: Request<{ project: string }>) => params),
    (request, response) => {
      const { organization } = guard.principalOf(request)
      response.json({ organization, project: request.params.project })
    },
  )
  app.get('/invoices', guard.can('invoice:read'), (request, response) => {
    const { organization } = guard.principalOf(request)
    response.json({ organization })
  })
  return app
}
