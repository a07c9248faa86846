import { once } from 'node:events'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { FakeCertificate } from './certificates.ts'

/** A server on loopback that stands in for something on the internet. */
export interface FakeServer {
  /** Without a path, and without a slash at its end. */
  readonly url: string
  /** What was asked of it so far, as `GET /path`. */
  readonly asked: () => readonly string[]
  readonly close: () => Promise<void>
}

/** One answer of a fake. */
export interface FakeAnswer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** Starts a server on a free port of 127.0.0.1; over TLS where it has a certificate. */
export async function startServer(
  listener: RequestListener,
  {
    certificate,
    port = 0,
  }: {
    readonly certificate?: FakeCertificate | undefined
    readonly port?: number | undefined
  } = {},
): Promise<FakeServer> {
  const asked: string[] = []
  const noted: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    listener(request, response)
  }
  const server: Server =
    certificate === undefined ? createServer(noted) : createSecureServer(certificate, noted)
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: bound } = server.address() as AddressInfo
  return Object.freeze({
    url: `${certificate === undefined ? 'http' : 'https'}://127.0.0.1:${bound}`,
    asked: () => [...asked],
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  })
}

/** Sends an answer. */
export function answerWith(
  response: ServerResponse,
  { status, body, headers = {} }: FakeAnswer,
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
}

/** Reads the body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
