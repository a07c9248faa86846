// Compiled, never run: a guard speaks the vocabulary of the engine that it was given.

import type { Countersign, IdentityPrincipal } from '@countersign/core'
import { createCountersign, memoryStorage } from '@countersign/core'
import type { KoaGuard } from '@countersign/koa'
import { koaGuard, koaHandler } from '@countersign/koa'
import type { Context, ParameterizedContext } from 'koa'
import Koa from 'koa'

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

interface State {
  tenant: string
}

interface Routed extends Context {
  readonly params: { readonly project: string; readonly path: string }
}

/** What a host writes that does it right. */
export function rightly(): readonly boolean[] {
  const seen: boolean[] = []
  const guard = koaGuard(countersign)
  const app = new Koa<State>()
  app.use(koaHandler(countersign))
  app.use(
    guard.can('secret:read', ({ params: { project, path } }: Routed) => {
      return { project, path, environment: 'prod' }
    }),
  )
  app.use(
    guard.can('invoice:approve', ({ state }: ParameterizedContext<State>) => {
      return { organization: state.tenant }
    }),
  )
  app.use(guard.can('invoice:read'))
  app.use(guard.can('identity:read', ({ query }) => ({ project: String(query['project']) })))
  app.use((context) => {
    const question = { project: 'web', environment: 'prod', path: '/' }
    seen.push(guard.principalOf(context).can('secret:read', question))
  })
  return seen
}

/** An engine of any vocabulary takes any permission. */
export function anyhow(engine: Countersign): KoaGuard {
  const guard = koaGuard(engine)
  const principal: (context: Context) => IdentityPrincipal = guard.principalOf
  const app = new Koa()
  app.use(guard.can('secret:read', () => ({ project: 'web', path: '/a' })))
  app.use((context) => void principal(context))
  return guard
}

/** What does not compile. */
export function wrongly(): void {
  const guard = koaGuard(countersign)
  const environment = 'prod'
  const project = 'web'
  const path = '/'
  // @ts-expect-error a misspelt action
  guard.can('invoice:aprove')
  // @ts-expect-error a pattern is no permission to ask for
  guard.can('invoice:*')
  // @ts-expect-error a secret has attributes, which a question names
  guard.can('secret:read')
  // @ts-expect-error a misspelt attribute
  guard.can('secret:read', () => ({ project, enviroment: environment, path }))
  // @ts-expect-error a secret lives in a project
  guard.can('secret:read', () => ({ environment, path }))
  // @ts-expect-error an invoice lives in no project
  guard.can('invoice:read', () => ({ project }))
  // @ts-expect-error a misspelt project
  guard.can('identity:read', () => ({ projct: project }))
  // @ts-expect-error a question is answered at once
  guard.can('secret:read', async () => ({ project, environment, path }))
  // @ts-expect-error a question is answered at once, an empty one too
  guard.can('invoice:read', async () => ({}))
  new Koa().use((context) => {
    // @ts-expect-error the principal speaks the same vocabulary
    guard.principalOf(context).can('invoice:aprove')
  })
}
