import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Config } from './config.ts'
import { StartError } from './start-error.ts'
import type { ServerCertificate } from './tls-config.ts'

/** A server that holds its port. Give it a request listener before anything else is awaited. */
export interface Listening {
  readonly server: Server
  readonly port: number
  /** Accepts nothing more and waits for the requests in flight; what hangs is cut off. */
  drain(): Promise<void>
}

/** How long requests in flight may take once the server stops: what is left of five seconds is for the rest. */
const PATIENCE = 3_500

/** Takes the port first of all: a port in use is known before anything is made, and port 0 becomes a real one. */
export async function listen({ host, port, tls }: Config): Promise<Listening> {
  const server = tls === undefined ? createServer() : createSecure(tls)
  try {
    await once(server.listen(port, host), 'listening')
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new StartError(`The server cannot listen on ${host}:${port}: ${error.message}`)
  }
  server.on('request', (_request, response) => {
    // A connection that falls idle while we stop would be kept alive for nobody.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections()
    })
  })
  const cut = watchSockets(server)
  const taken = (server.address() as AddressInfo).port
  return { server, port: taken, drain: () => drain(server, cut) }
}

/** Answers how to cut off every connection: one whose handshake never ends is no connection of HTTP yet. */
function watchSockets(server: Server): () => void {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return () => {
    for (const socket of sockets) socket.destroy()
  }
}

/** Milliseconds that a handshake may take. */
const HANDSHAKE = 10_000

/** Every client may show a certificate, whoever issued it: policies say which of them are trusted, and for whom. */
function createSecure(tls: ServerCertificate): Server {
  try {
    const anyClient = { requestCert: true, rejectUnauthorized: false }
    return createSecureServer({ ...tls, ...anyClient, handshakeTimeout: HANDSHAKE })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new StartError(
      `COUNTERSIGN_TLS_CERT, its key or COUNTERSIGN_TLS_CLIENT_CA cannot be used: ${error.message}`,
    )
  }
}

async function drain(server: Server, cut: () => void): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const cutting = setTimeout(cut, PATIENCE)
  await closed
  clearTimeout(cutting)
}
