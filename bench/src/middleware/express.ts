import { expressGuard } from '@countersign/express'
import type { RequestHandler } from 'express'
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import type { Kind, MakeApp, Means } from './app.ts'
import { ANSWER } from './app.ts'

/** Express 5, beside express-oauth2-jwt-bearer. */
export const makeApp: MakeApp = async (kind, means) => {
  const app = express()
  app.get('/', middlewareOf(kind, means), (_request, response) => {
    response.end(ANSWER)
  })
  return app
}

function middlewareOf(kind: Kind, { countersign, issuer, jwksUri }: Means): RequestHandler {
  if (kind === 'countersign') return expressGuard(countersign).authenticate() as RequestHandler
  if (kind === 'usual') return auth({ issuer, jwksUri, audience: issuer })
  return (_request, _response, next) => next()
}
