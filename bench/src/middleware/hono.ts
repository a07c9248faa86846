import { honoGuard } from '@countersign/hono'
import { getRequestListener } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import type { Kind, MakeApp, Means } from './app.ts'
import { ANSWER } from './app.ts'

/** Hono 4 on Node. Its own jwt middleware refuses access tokens of RFC 9068 by their type, and stands beside nothing. */
export const makeApp: MakeApp = async (kind, means) => {
  const app = new Hono()
  app.get('/', middlewareOf(kind, means), (context) => context.text(ANSWER))
  return getRequestListener(app.fetch)
}

function middlewareOf(kind: Kind, { countersign }: Means): MiddlewareHandler {
  if (kind === 'countersign') return honoGuard(countersign).authenticate()
  return (_context, next) => next()
}
