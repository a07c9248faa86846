// Compiled, never run: what a host may write, and what it may not.

import type { Countersign, IdentityPrincipal } from '@countersign/core'
import { koaGuard, koaHandler } from '@countersign/koa'
import Koa from 'koa'

interface State {
  tenant?: string
}

/** What a host writes that does it right. */
export function rightly(countersign: Countersign): readonly IdentityPrincipal[] {
  const seen: IdentityPrincipal[] = []
  const guard = koaGuard(countersign, { clientAddress: (context) => context.ip })
  const handler = koaHandler(countersign, { prefix: '/identity' })
  const app = new Koa<State>()
  app.use(handler)
  app.use(guard.authenticate())
  app.use(guard.authenticate({ optional: true }))
  app.use(async (context, next) => {
    const principal: IdentityPrincipal | undefined = guard.findPrincipal(context)
    if (principal !== undefined) seen.push(principal)
    context.state.tenant = guard.principalOf(context).organization
    await next()
  })
  return seen
}

/** What does not compile. */
export function wrongly(countersign: Countersign): void {
  const guard = koaGuard(countersign)
  const app = new Koa()
  // @ts-expect-error the guard is made, not mounted
  app.use(guard)
  // @ts-expect-error a misspelt rule
  app.use(guard.authenticate({ optinal: true }))
  // @ts-expect-error no positional boolean
  app.use(guard.authenticate(true))
  // @ts-expect-error a misspelt option
  koaHandler(countersign, { prefixes: '/identity' })
  // @ts-expect-error an address is a text
  koaGuard(countersign, { clientAddress: () => 7 })
  // @ts-expect-error an engine is made by createCountersign
  koaHandler({ issuer: 'https://api.example.com' })
  app.use((context) => {
    // @ts-expect-error nobody may be there
    guard.findPrincipal(context).identity
    // @ts-expect-error a principal has no such member
    guard.principalOf(context).tenant
    // @ts-expect-error a principal belongs to a context, not to its state
    guard.principalOf(context.state.user)
  })
}
