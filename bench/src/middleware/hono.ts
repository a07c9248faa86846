import { honoGuard } from '@countersign/hono'
import { getRequestListener } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import { jwt } from 'hono/jwt'
import type { Kind, MakeApp, Means } from './app.ts'
import { ANSWER } from './app.ts'

/** Hono 4 on Node, beside its own jwt middleware. */
export const makeApp: MakeApp = async (kind, means) => {
  const app = new Hono()
  app.get('/', middlewareOf(kind, means), (context) => context.text(ANSWER))
  return getRequestListener(app.fetch)
}

function middlewareOf(kind: Kind, { countersign, keys, issuer }: Means): MiddlewareHandler {
  if (kind === 'countersign') return honoGuard(countersign).authenticate()
  if (kind === 'usual')
    return jwt({
      secret: keys.keys[0] as never,
      alg: 'RS256',
      verification: { iss: issuer, aud: issuer },
    })
  return (_context, next) => next()
}
