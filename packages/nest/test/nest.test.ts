import { createServer } from 'node:http'
import type { NestActivation, NestRequest } from '@countersign/nest'
import { nestGuard, RefusedError } from '@countersign/nest'
import { describe, expect, test } from 'vitest'
import { listen, send } from '../../http/test/support/wire.ts'
import { aWorkload } from '../../http/test/support/workload.ts'

/** What Nest does around a guard, for one route; its filter answers by `statusCode` and `message`. */
async function serving(guards: readonly NestActivation[], wrap: boolean) {
  const seen: unknown[] = []
  const server = await listen(
    createServer((incoming, response) => {
      const request: NestRequest = wrap ? { raw: incoming } : incoming
      const reply = { header: (name: string, value: string) => response.setHeader(name, value) }
      const http = { getRequest: () => request, getResponse: () => (wrap ? reply : response) }
      const run = async () => {
        for (const guard of guards) await guard.canActivate({ switchToHttp: () => http })
        seen.push(request)
        response.end('let in')
      }
      run().catch((error: RefusedError) => {
        const { statusCode, message } = error
        response.statusCode = statusCode
        response.end(JSON.stringify({ statusCode, message }))
      })
    }).listeners('request')[0] as Parameters<typeof listen>[0],
  )
  const ask = (authorization?: string) =>
    send(server.port, { path: '/', headers: authorization === undefined ? {} : { authorization } })
  return { ask, seen, close: server.close }
}

describe.each([
  ['on Express', false],
  ['on Fastify', true],
])('nestGuard() %s', (_name, wrap) => {
  test('lets a good token in, and says who it is', async () => {
    const { countersign, login, clientId } = await aWorkload({ tokenPolicy: { maxUses: 1 } })
    const guard = nestGuard(countersign)
    const host = await serving([guard.authenticate(), guard.authenticate()], wrap)
    const { accessToken } = await login()
    expect(await host.ask(`Bearer ${accessToken}`)).toMatchObject({ status: 200, body: 'let in' })
    expect(guard.principalOf(host.seen[0] as NestRequest).identity).toBe(clientId)
    await host.close()
  })

  test('throws what it refuses, with its challenge on the response', async () => {
    const { countersign, login } = await aWorkload()
    const guard = nestGuard(countersign)
    const host = await serving([guard.can('invoice:approve')], wrap)
    const { accessToken } = await login()
    const nobody = await host.ask()
    expect(nobody).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="countersign"', 'cache-control': 'no-store' },
    })
    const weak = await host.ask(`Bearer ${accessToken}`)
    expect(weak.status).toBe(403)
    expect(weak.headers['www-authenticate']).toMatch(/insufficient_scope/)
    expect(host.seen).toEqual([])
    await host.close()
  })
})

describe('RefusedError', () => {
  test('carries what error handlers of frameworks read', () => {
    const body = JSON.stringify({ message: 'An access token is required' })
    const error = new RefusedError({ status: 401, headers: {}, body, code: 'token_missing' })
    expect(error).toMatchObject({ status: 401, statusCode: 401, code: 'token_missing' })
    expect(error.message).toBe('An access token is required')
  })

  test('carries what the caller may know about a refused permission', () => {
    const details = { permission: 'invoice:approve' }
    const body = JSON.stringify({ message: 'Not permitted', details })
    const error = new RefusedError({ status: 403, headers: {}, body, code: 'permission_denied' })
    expect(error.details).toEqual(details)
  })
})
