import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCountersign, memoryStorage } from '@countersign/core'
import { afterEach, expect, test } from 'vitest'
import { createApp } from '../src/app.ts'
import { resources, roles } from '../src/vocabulary.ts'

const server = createServer()
afterEach(() => void server.close())

/** Serves the app on a storage whose server can go away. */
async function serve() {
  const storage = memoryStorage()
  const outage = { begun: false }
  const now = async () => {
    if (outage.begun) throw new Error('connect ECONNREFUSED postgres://user:hunter2@db')
    return storage.now()
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const rootKeys = ['rYbX0z7kU5uKQ2jv3m1dW8oTq4hFsLcN9eGxPaIyZtE']
  const countersign = createCountersign({
    issuer: url,
    rootKeys,
    storage: { ...storage, now },
    resources,
    roles,
  })
  server.on('request', createApp(countersign))
  await countersign.ready()
  const ask = async (path: string) => {
    const response = await fetch(url + path)
    return { status: response.status, body: await response.json() }
  }
  return { ask, outage }
}

test('GET /healthz and /readyz tell a storage that is away, and no secret', async () => {
  const { ask, outage } = await serve()
  const fine = { ok: true, latency: expect.any(Number) }
  expect(await ask('/readyz')).toEqual({
    status: 200,
    body: {
      status: 'ready',
      degraded: false,
      storage: fine,
      keys: fine,
      clock: { ok: true, drift: expect.any(Number) },
    },
  })
  outage.begun = true
  expect(await ask('/readyz')).toEqual({
    status: 503,
    body: {
      status: 'not ready',
      degraded: true,
      storage: { ok: false },
      keys: fine,
      clock: { ok: false },
    },
  })
  expect(await ask('/healthz')).toEqual({ status: 200, body: { status: 'ok' } })
})
