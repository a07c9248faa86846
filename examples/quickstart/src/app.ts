import { createCountersign, memoryStorage } from '@countersign/core'
import { expressGuard, expressHandler } from '@countersign/express'
import type { Express, Request } from 'express'
import express from 'express'

/** The engine, in the words of this backend. */
export type Engine = ReturnType<typeof createEngine>

/** Creates the engine: what there is to protect, and which roles there are beside the built-in ones. */
export function createEngine(issuer: string, rootKey: string | undefined) {
  return createCountersign({
    issuer,
    rootKeys: [rootKey],
    storage: memoryStorage(),
    resources: {
      secret: {
        scope: 'project',
        actions: ['read', 'write'],
        attributes: { environment: 'text', path: 'path' },
      },
      invoice: { scope: 'organization', actions: ['read', 'approve'] },
    },
    roles: {
      deployer: {
        scope: 'project',
        rules: [
          { allow: ['secret:read'], where: { environment: 'prod', path: { glob: '/apps/**' } } },
        ],
      },
      billing: { scope: 'organization', rules: [{ allow: ['invoice:*'] }] },
    },
  })
}

/** Creates the backend: logins at the root, and routes that ask what their caller may do. */
export function createApp(countersign: Engine): Express {
  const guard = expressGuard(countersign)
  const app = express()
  app.use(expressHandler(countersign))
  app.get(
    '/api/projects/:project/secrets/:environment/*path',
    guard.can('secret:read', secretOf),
    (request, response) => {
      const { organization } = guard.principalOf(request)
      response.json({ organization, ...secretOf(request), value: 'not a secret, but a demo' })
    },
  )
  app.post('/api/invoices/:id/approve', guard.can('invoice:approve'), (request, response) => {
    response.json({ invoice: request.params.id, approvedBy: guard.principalOf(request).name })
  })
  return app
}

interface SecretParams {
  readonly project: string
  readonly environment: string
  readonly path: readonly string[]
}

/** Which secret a request is about: what the guard asks for is what the route reads. */
function secretOf({ params }: Request<SecretParams>) {
  const { project, environment, path } = params
  return { project, environment, path: `/${path.join('/')}` }
}
