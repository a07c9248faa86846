import type { Caller } from '@countersign/http'
import { callerOf, createGuard } from '@countersign/http'
import type { NodeRequest } from '@countersign/http/node'
import { nodePeerOf } from '@countersign/http/node'
import { expect, test, vi } from 'vitest'
import { aWorkload, HOME } from './support/workload.ts'

/** A guard, and how often it asked for the other end of a connection. */
async function watching(tokenPolicy = {}) {
  const { countersign, login } = await aWorkload({ tokenPolicy })
  const { accessToken } = await login()
  const guard = createGuard(countersign)
  const peer = vi.fn((): Caller => HOME)
  const ask = (token: string, key: object = {}) =>
    guard.authenticate({ key, authorization: `Bearer ${token}`, peer })
  return { ask, peer, accessToken }
}

test('nobody asks where a good token comes from that is bound to nothing', async () => {
  const { ask, peer, accessToken } = await watching()
  expect((await ask(accessToken)).refused).toBeUndefined()
  expect(peer).not.toHaveBeenCalled()
})

test('a token that is bound to networks asks once', async () => {
  const { ask, peer, accessToken } = await watching({
    trustedSources: { token: ['203.0.113.0/24'] },
  })
  expect((await ask(accessToken)).refused?.status).toBe(401)
  expect(peer).toHaveBeenCalledTimes(1)
})

test('a refusal asks once, however often the request is judged', async () => {
  const { ask, peer, accessToken } = await watching()
  const key = {}
  const ids = [
    (await ask(`${accessToken}x`, key)).refused?.headers['x-request-id'],
    (await ask(`${accessToken}x`, key)).refused?.headers['x-request-id'],
  ]
  expect(new Set(ids).size).toBe(1)
  expect(peer).toHaveBeenCalledTimes(1)
})

test('a connection that ended meanwhile is remembered by its address', () => {
  const socket: { remoteAddress: string | undefined } = { remoteAddress: '192.0.2.7' }
  const request = { method: 'GET', url: '/', headers: {}, rawHeaders: [], socket }
  const peer = nodePeerOf(request as unknown as NodeRequest)
  socket.remoteAddress = undefined
  expect(peer().address).toBe('192.0.2.7')
})

test('the host says whose address counts while the request is there', () => {
  let known: string | undefined = '192.0.2.7'
  const peer = callerOf(() => HOME, {}, { clientAddress: () => known })
  known = undefined
  expect(peer().clientAddress).toBe('192.0.2.7')
})
