import { koaGuard } from '@countersign/koa'
import type { Middleware } from 'koa'
import Koa from 'koa'
import jwt from 'koa-jwt'
import type { Kind, MakeApp, Means } from './app.ts'
import { ANSWER } from './app.ts'

/** Koa 3, beside koa-jwt with a key object that was made once. */
export const makeApp: MakeApp = async (kind, means) => {
  const app = new Koa()
  app.use(middlewareOf(kind, means))
  app.use((context) => {
    context.body = ANSWER
  })
  return app.callback()
}

function middlewareOf(kind: Kind, { countersign, issuer, key }: Means): Middleware {
  if (kind === 'countersign') return koaGuard(countersign).authenticate() as Middleware
  if (kind === 'usual')
    return jwt({ secret: key as never, issuer, audience: issuer, algorithms: ['RS256'] })
  return (_context, next) => next()
}
