// Compiled, never run: a guard speaks the vocabulary of the engine that it was given.

import type { Countersign, IdentityPrincipal } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'
import type { ExpressGuard } from '@countersign/express'
import { expressGuard, expressHandler } from '@countersign/express'
import type { Request } from 'express'
import express from 'express'

const countersign = createCountersign({
  issuer: 'https://api.example.com',
  rootKeys: [],
  storage: memoryStorage(),
  resources: {
    secret: {
      scope: 'project',
      actions: ['read', 'write'],
      attributes: { environment: 'text', path: 'path' },
    },
    invoice: { scope: 'organization', actions: ['read', 'approve'] },
  },
})

interface Named {
  readonly project: string
  readonly environment: string
  readonly path: string[]
}

/** What a host writes that does it right. */
export function rightly(): readonly boolean[] {
  const seen: boolean[] = []
  const guard = expressGuard(countersign)
  const app = express()
  app.use(expressHandler(countersign))
  app.get(
    '/projects/:project/secrets/:environment/*path',
    guard.can('secret:read', ({ params }: Request<Named>) => ({
      ...params,
      path: `/${params.path.join('/')}`,
    })),
    (request, response) => {
      const parts: readonly string[] = request.params.path
      const { project, environment } = request.params
      const path = `/${parts.join('/')}`
      seen.push(guard.principalOf(request).can('secret:write', { project, environment, path }))
      response.json({ path })
    },
  )
  app.get('/invoices', guard.can('invoice:read'))
  app.get(
    '/invoices',
    guard.can('invoice:read', ({ headers }) => ({ organization: headers.host ?? '' })),
  )
  app.get('/identities', guard.can('identity:read'))
  app.get(
    '/identities',
    guard.can('identity:read', () => ({ project: 'web' })),
  )
  app.use(guard.authenticate({ optional: true }), guard.can('invoice:read'))
  return seen
}

/** An engine of any vocabulary takes any permission. */
export function anyhow(engine: Countersign): ExpressGuard {
  const guard = expressGuard(engine)
  const principal: (request: Request) => IdentityPrincipal = guard.principalOf
  const question = () => ({ project: 'web', path: '/a' })
  express().use(guard.can('secret:read', question), guard.can('invoice:read'))
  express().use((request, _response, next) => next(principal(request)))
  return guard
}

/** What does not compile. */
export function wrongly(): void {
  const guard = expressGuard(countersign)
  const environment = 'prod'
  const project = 'web'
  const path = '/'
  // @ts-expect-error a misspelt action
  guard.can('invoice:aprove')
  // @ts-expect-error a misspelt resource
  guard.can('invoces:read')
  // @ts-expect-error a pattern is no permission to ask for
  guard.can('invoice:*')
  // @ts-expect-error a secret has attributes, which a question names
  guard.can('secret:read')
  // @ts-expect-error a misspelt attribute
  guard.can('secret:read', () => ({ project, enviroment: environment, path }))
  // @ts-expect-error an attribute is missing
  guard.can('secret:read', () => ({ project, environment }))
  // @ts-expect-error a secret lives in a project
  guard.can('secret:read', () => ({ environment, path }))
  // @ts-expect-error an attribute is a text
  guard.can('secret:read', () => ({ project, environment, path: [path] }))
  // @ts-expect-error a parameter may be a list
  guard.can('secret:read', ({ params }: Request) => ({ ...params, project, environment }))
  // @ts-expect-error an invoice lives in no project
  guard.can('invoice:read', () => ({ project }))
  // @ts-expect-error a misspelt project
  guard.can('identity:read', () => ({ projct: project }))
  // @ts-expect-error a question is answered at once
  guard.can('secret:read', async () => ({ project, environment, path }))
  // @ts-expect-error a question is answered at once, an empty one too
  guard.can('invoice:read', async () => ({}))
  // @ts-expect-error a question is a function of the request
  guard.can('secret:read', { project, environment, path })
  express().use((request, _response, next) => {
    // @ts-expect-error the principal speaks the same vocabulary
    guard.principalOf(request).can('invoice:aprove')
    next()
  })
}
