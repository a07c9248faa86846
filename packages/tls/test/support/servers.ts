import { once } from 'node:events'
import type { IncomingMessage, RequestListener } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { HandlerEngine } from '@countersign/http'
import { createHandler } from '@countersign/http'
import { nodeExchange, nodePeer } from '@countersign/http/node'
import { fakeAuthority } from '@countersign/testing/fakes'
import type { Issued } from '@countersign/testkit/openssl'
import { afterEach } from 'vitest'

const open: http.Server[] = []
afterEach(async () => {
  await Promise.all(
    open.splice(0).map((server) => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    }),
  )
})

/** Servers prove their own names by another authority than clients do. */
const authority = fakeAuthority()
/** Whom clients of these servers trust. */
export const SERVER_CA: string = authority.ca
export const serverSide = authority.issue(['localhost', '127.0.0.1'])

/** Listens on loopback until the end of the test. */
export async function listening(server: http.Server): Promise<number> {
  open.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

function routesOf(engine: HandlerEngine): RequestListener {
  const handler = createHandler(engine)
  return async (request, response) => {
    const peer = nodePeer(request)
    const answer = await handler.answer(nodeExchange(request, { peer, parsedBody: undefined }))
    if (answer === undefined) response.writeHead(404).end()
    else response.writeHead(answer.status, { ...answer.headers }).end(answer.body)
  }
}

/** Takes any certificate in the handshake: whether it is trusted is for the policy of the identity to say. */
const ASKS = { ...serverSide, requestCert: true, rejectUnauthorized: false } as const

/** Serves the routes of an engine over TLS. */
export function serveTls(engine: HandlerEngine): Promise<number> {
  return listening(https.createServer(ASKS, routesOf(engine)))
}

/** Serves the routes of an engine in the clear: for proxies, and for whoever pretends to be one. */
export function servePlain(engine: HandlerEngine): Promise<number> {
  return listening(http.createServer(routesOf(engine)))
}

/** A proxy that ends TLS and hands the certificate on in a header, having taken away what the client had written there. */
export function serveProxy(upstream: number, header: string): Promise<number> {
  return listening(
    https.createServer(ASKS, (request, response) => {
      const forwarded = http.request({
        host: '127.0.0.1',
        port: upstream,
        method: request.method,
        path: request.url,
        headers: { ...request.headers, ...certified(request, header) },
      })
      forwarded.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      request.pipe(forwarded)
    }),
  )
}

function certified(request: IncomingMessage, header: string): Record<string, string> {
  const shown = (request.socket as TLSSocket).getPeerX509Certificate()
  const forwarded = { 'x-forwarded-for': '203.0.113.9' }
  // As nginx has it: percent-encoded PEM of the client's own certificate alone, and nothing where there is none.
  return { ...forwarded, [header]: shown === undefined ? '' : encodeURIComponent(shown.toString()) }
}

/** What a client sends and shows. */
export interface Sent {
  readonly secure?: boolean
  readonly headers?: Readonly<Record<string, string>>
  readonly shown?: Pick<Issued, 'cert' | 'key'> | undefined
  readonly body: object
}

/** Logs in over the wire; answers the status and the body. */
export async function post(
  port: number,
  { secure = true, headers = {}, shown, body }: Sent,
): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }> {
  const options = {
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/api/v1/auth/tls-cert-auth/login',
    headers: { 'content-type': 'application/json', ...headers },
    agent: false,
    ca: authority.ca,
    ...(shown && { cert: shown.cert, key: shown.key }),
  } as const
  const request = secure ? https.request(options) : http.request(options)
  request.end(JSON.stringify(body))
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk)
  return { status: answer.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString()) }
}
