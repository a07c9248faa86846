import type { Agent, RequestListener, Server } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import type { Answer } from './answer.ts'

/** Milliseconds after which a test that waits for a peer is broken: it only guards against hanging. */
const HANGING = 15_000

/** A request as it is spelt, nothing normalised. */
export interface WireRequest {
  readonly method?: string | undefined
  readonly path: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  readonly body?: string | undefined
}

/** A server on a port of its own, on the IPv4 loopback. */
export interface Listening {
  readonly port: number
  /** How many bytes each connection brought, of those that are closed. */
  readonly read: readonly number[]
  close(): Promise<void>
}

/** Serves an app until `close`. */
export async function listen(app: RequestListener): Promise<Listening> {
  const server: Server = createServer(app)
  const read: number[] = []
  server.on('connection', (socket) => {
    socket.on('close', () => read.push(socket.bytesRead))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    port: (server.address() as AddressInfo).port,
    read,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Sends one request, on a connection of its own where no agent keeps some. */
export function send(
  port: number,
  { method = 'GET', ...wanted }: WireRequest,
  agent: Agent | false = false,
): Promise<Answer> {
  const { path, headers, body } = wanted
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      method,
      path,
      headers: { ...length, ...headers } as Record<string, string | string[]>,
      agent,
      signal: AbortSignal.timeout(HANGING),
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = []
      incoming.on('error', reject)
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: Object.fromEntries(
            Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
          ),
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.end(body)
  })
}

/** A connection that sends whatever it likes. */
export interface RawConnection {
  write(text: string): void
  /** Resolves with all that was received, once the server has closed. */
  readonly closed: Promise<string>
  readonly socket: Socket
}

/** Opens a connection. A server that resets it has closed it: what came before that counts. */
export function dial(port: number): RawConnection {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.on('error', () => socket.destroy())
  const closed = new Promise<string>((resolve, reject) => {
    socket.setTimeout(HANGING, () => {
      socket.destroy()
      reject(new Error('The server neither answered nor closed'))
    })
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
  return { write: (text) => void socket.write(text), closed, socket }
}

/** How many answers a connection received. */
export function answersIn(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
