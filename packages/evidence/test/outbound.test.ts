import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import type { Network, OutboundOptions } from '@countersign/evidence'
import { createOutbound, readJson, systemNetwork } from '@countersign/evidence'
import type { FakeServer } from '@countersign/testing/fakes'
import { answerWith, fakeAuthority, startServer } from '@countersign/testing/fakes'
import { afterEach, describe, expect, test } from 'vitest'
import { LOOPBACK, onLoopback, patient } from './support.ts'

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function serve(...given: Parameters<typeof startServer>): Promise<FakeServer> {
  const server = await startServer(...given)
  open.push(server)
  return server
}

const usual = { accept: 'application/json', mostBytes: 1000 }
const ok = { status: 200, body: '{"a":1}' }

function ask(url: string, options: OutboundOptions = {}, more: object = {}) {
  return onLoopback(options).ask({ url, ...usual, signal: patient(), ...more })
}

/** The network of this process, but for what names resolve to. */
function resolving(...addresses: readonly string[]): Network {
  return { ...systemNetwork(), resolve: async () => addresses }
}

describe('ask()', () => {
  test('answers what was answered', async () => {
    const { url } = await serve((_request, response) => answerWith(response, ok))
    expect(readJson(await ask(url), [200])).toEqual({ a: 1 })
  })

  test('trusts the authority of the question, and nobody else where none is named', async () => {
    const { ca, issue } = fakeAuthority()
    const certificate = issue(['127.0.0.1'])
    const { url } = await serve((_request, response) => answerWith(response, ok), { certificate })
    await expect(ask(url, {}, { ca })).resolves.toMatchObject({ status: 200 })
    await expect(ask(url)).rejects.toMatchObject({ code: 'unreachable' })
    await expect(ask(url, {}, { ca: fakeAuthority().ca })).rejects.toMatchObject({
      code: 'unreachable',
    })
  })

  test('refuses a certificate of another name', async () => {
    const { ca, issue } = fakeAuthority()
    const { url } = await serve(() => undefined, { certificate: issue(['issuer.example']) })
    await expect(ask(url, {}, { ca })).rejects.toMatchObject({ code: 'unreachable' })
  })

  test.each([301, 302, 303, 307, 308])('follows no redirect (%i)', async (status) => {
    const inner = await serve((_request, response) => answerWith(response, ok))
    const { url } = await serve((_request, response) =>
      answerWith(response, { status, body: '', headers: { location: inner.url } }),
    )
    await expect(ask(url)).rejects.toMatchObject({ code: 'redirected' })
    expect(inner.asked()).toEqual([])
  })

  test('reads no more than it may, and ends the connection', async () => {
    let written = 0
    const { url } = await serve((_request, response) => {
      const more = (): void => {
        written += 65_536
        if (!response.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(more))
      }
      more()
    })
    await expect(ask(url)).rejects.toMatchObject({ code: 'too_large' })
    expect(written).toBeLessThan(50_000_000)
  })

  test('refuses what is compressed', async () => {
    const headers = { 'content-encoding': 'gzip' }
    const { url } = await serve((_request, response) => answerWith(response, { ...ok, headers }))
    await expect(ask(url)).rejects.toMatchObject({ code: 'encoded' })
  })

  test.each(['before the answer', 'within the answer'])(
    'stops at its deadline %s',
    async (when) => {
      const controller = new AbortController()
      const { url } = await serve((_request, response) => {
        if (when === 'within the answer') response.write('{')
        setImmediate(() => controller.abort())
      })
      const late = ask(url, {}, { signal: controller.signal })
      await expect(late).rejects.toMatchObject({ code: 'too_late' })
    },
  )

  test('dials no name of which one address is not admitted', async () => {
    const network = resolving('9.9.9.9', '10.0.0.1')
    const asked = createOutbound({ network }).ask({
      url: 'https://issuer.example',
      ...usual,
      signal: patient(),
    })
    await expect(asked).rejects.toMatchObject({ code: 'egress_refused' })
  })

  test('dials the addresses that were checked, whatever the name resolves to by then', async () => {
    const { url } = await serve((request, response) =>
      answerWith(response, { status: 200, body: JSON.stringify(request.headers.host) }),
    )
    const { port } = new URL(url)
    const egress = { ...LOOPBACK.egress, allow: ['127.0.0.1'] }
    const outbound = createOutbound({ egress, network: resolving('127.0.0.1') })
    // `localhost` is a name for this host alone; no other could be asked over plain http.
    const answer = await outbound.ask({
      url: `http://localhost:${port}/`,
      ...usual,
      signal: patient(),
    })
    expect(readJson(answer, [200])).toBe(`localhost:${port}`)
  })

  test('waits for no name server beyond its deadline', async () => {
    const network: Network = { ...systemNetwork(), resolve: () => new Promise(() => undefined) }
    const signal = AbortSignal.abort()
    const asked = createOutbound({ network }).ask({
      url: 'https://issuer.example',
      ...usual,
      signal,
    })
    await expect(asked).rejects.toMatchObject({ code: 'too_late' })
  })

  test('asks once more where a kept connection had died', async () => {
    let sockets = 0
    const server = createServer((_request, response) => answerWith(response, ok))
    server.keepAliveTimeout = 60_000
    server.on('connection', (socket) => {
      sockets += 1
      // The second request on the first connection meets a reset.
      if (sockets === 1) {
        let seen = 0
        socket.prependListener('data', () => {
          seen += 1
          if (seen === 2) socket.resetAndDestroy()
        })
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    open.push({
      close: async () => {
        server.close()
        server.closeAllConnections()
      },
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const outbound = onLoopback()
    for (let count = 0; count < 2; count += 1)
      await expect(outbound.ask({ url, ...usual, signal: patient() })).resolves.toMatchObject({
        status: 200,
      })
    expect(sockets).toBe(2)
  })

  test('goes through a proxy to the address that was checked', async () => {
    const { ca, issue } = fakeAuthority()
    const certificate = issue(['127.0.0.1'])
    const { url } = await serve((_request, response) => answerWith(response, ok), { certificate })
    const targets: string[] = []
    const proxy = createServer()
    proxy.on('connect', ({ url: target = '', headers }, client: Socket) => {
      targets.push(`${target} ${headers['proxy-authorization']}`)
      const [host = '', port = ''] = target.split(':')
      const through = connect(Number(port), host, () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        client.pipe(through).pipe(client)
      })
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    open.push({
      close: async () => {
        proxy.close()
        proxy.closeAllConnections()
      },
    })
    const { port } = proxy.address() as AddressInfo
    const options = { proxy: `http://me:pass@127.0.0.1:${port}` }
    await expect(ask(url, options, { ca })).resolves.toMatchObject({ status: 200 })
    expect(targets).toEqual([`${new URL(url).host} Basic ${btoa('me:pass')}`])
  })

  test("uses the host's own fetch, within the same bounds", async () => {
    const asked: unknown[] = []
    const fetch: typeof globalThis.fetch = async (url, init) => {
      asked.push([String(url), init?.redirect])
      return new Response('x'.repeat(2000))
    }
    const outbound = createOutbound({ fetch })
    const question = { url: 'https://issuer.example/', ...usual, signal: patient() }
    await expect(outbound.ask(question)).rejects.toMatchObject({ code: 'too_large' })
    await expect(outbound.ask({ ...question, url: 'https://10.0.0.1/' })).rejects.toMatchObject({
      code: 'egress_refused',
    })
    expect(asked).toEqual([['https://issuer.example/', 'manual']])
  })

  test('says nothing of the place or the answer when it fails', async () => {
    const { url } = await serve((_request, response) =>
      answerWith(response, { status: 500, body: 'root:x' }),
    )
    const error = await ask(url).then(
      (answer) => {
        try {
          return readJson(answer, [200])
        } catch (thrown) {
          return thrown
        }
      },
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ code: 'unexpected_status', status: 500 })
    expect(`${error} ${JSON.stringify(error)}`).not.toMatch(/127\.0\.0\.1|root/)
  })
})
