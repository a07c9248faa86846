import { createGuard } from '@countersign/http'
import { nodeAuthorization, nodePeerOf } from '@countersign/http/node'
import type { MakeApp } from './app.ts'
import { ANSWER } from './app.ts'

/** A server of Node's without a framework. */
export const makeApp: MakeApp = async (kind, { countersign }) => {
  if (kind === 'no-op') return (_request, response) => response.end(ANSWER)
  const guard = createGuard(countersign)
  return (request, response) => {
    const guarded = {
      key: request,
      authorization: nodeAuthorization(request),
      peer: nodePeerOf(request),
    }
    guard.authenticate(guarded).then((verdict) => {
      response.statusCode = verdict.refused === undefined ? 200 : 401
      response.end(ANSWER)
    })
  }
}
