// Compiled, never run: what a host may write, and what it may not.

import type { Countersign, IdentityPrincipal } from '@countersign/core'
import { expressGuard, expressHandler } from '@countersign/express'
import type { Request } from 'express'
import express, { Router } from 'express'

/** What a host writes that does it right. */
export function rightly(countersign: Countersign): readonly IdentityPrincipal[] {
  const seen: IdentityPrincipal[] = []
  const guard = expressGuard(countersign, { clientAddress: (request) => request.ip })
  const handler = expressHandler(countersign, {
    clientAddress: (request: Request) => request.get('cf-connecting-ip'),
  })
  const app = express()
  app.use(handler)
  app.use('/identity', handler)
  for (const path of handler.rootPaths) app.get(path, handler)
  app.get('/jobs/:id', guard.authenticate(), (request, response) => {
    const id: string = request.params.id
    const { identity, organization } = guard.principalOf(request)
    response.json({ id, identity, organization })
  })
  app.use('/open', guard.authenticate({ optional: true }), (request, _response, next) => {
    const principal: IdentityPrincipal | undefined = guard.findPrincipal(request)
    if (principal !== undefined) seen.push(principal)
    next()
  })
  app.use(Router().use(guard.authenticate()))
  return seen
}

/** What does not compile. */
export function wrongly(countersign: Countersign): void {
  const guard = expressGuard(countersign)
  const app = express()
  // @ts-expect-error the guard is made, not mounted
  app.use(guard)
  // @ts-expect-error a misspelt rule
  app.use(guard.authenticate({ optinal: true }))
  // @ts-expect-error no positional boolean
  app.use(guard.authenticate(true))
  // @ts-expect-error a misspelt option
  expressHandler(countersign, { clientAdress: () => undefined })
  // @ts-expect-error an address is a text
  expressGuard(countersign, { clientAddress: () => 7 })
  // @ts-expect-error an engine is made by createCountersign
  expressHandler({ issuer: 'https://api.example.com' })
  app.use((request, _response, next) => {
    // @ts-expect-error the request itself carries nothing of ours
    request.principal
    // @ts-expect-error nobody may be there
    guard.findPrincipal(request).identity
    // @ts-expect-error a principal has no such member
    guard.principalOf(request).tenant
    next()
  })
}
