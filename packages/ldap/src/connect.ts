import type { Socket } from 'node:net'
import { connect as dial, isIP } from 'node:net'
import type { ConnectionOptions, TLSSocket } from 'node:tls'
import { connect as dialTls } from 'node:tls'
import { DirectoryError } from './directory-error.ts'
import type { ClientCertificate } from './policy.ts'
import type { ServerPlace } from './server-url.ts'

// The one place that opens sockets: each to an address that was checked, and in the hands of whoever closes it.

/** How one server is connected to. */
export interface Connecting extends ServerPlace {
  /** What its name resolved to. */
  readonly address: string
  readonly startTls: boolean
  readonly ca?: string | undefined
  readonly clientCertificate?: ClientCertificate | undefined
  /** How long the connection itself may take. */
  readonly early: AbortSignal
  /** How long it may be used. */
  readonly signal: AbortSignal
}

/** Opens a connection, encrypted before anything but StartTLS is said; throws a `DirectoryError` and leaves none open. */
export async function connect(place: Connecting): Promise<Socket> {
  const socket = dial({ host: place.address, port: place.port, noDelay: true })
  try {
    await settled(socket, 'connect', place.early, 'unreachable')
    if (place.startTls && !place.secure) await askForTls(socket, place.early)
    if (!place.startTls && !place.secure) return socket
    return await encrypt(socket, place)
  } catch (error) {
    socket.destroy()
    throw error
  }
}

async function encrypt(socket: Socket, place: Connecting): Promise<TLSSocket> {
  const { host, ca, clientCertificate } = place
  const options: ConnectionOptions = {
    socket,
    host,
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    ...(clientCertificate !== undefined && {
      cert: clientCertificate.certificate,
      key: clientCertificate.key,
    }),
  }
  const secure = openTls(options)
  secure.once('close', () => socket.destroy())
  await settled(secure, 'secureConnect', place.early, 'tls_failed')
  return secure
}

function openTls(options: ConnectionOptions): TLSSocket {
  try {
    return dialTls(options)
  } catch {
    // A certificate or a key that cannot be read.
    throw new DirectoryError('tls_failed')
  }
}

/** The request of RFC 4511, 4.14.1: message 1, extended, 1.3.6.1.4.1.1466.20037. */
const START_TLS = Buffer.concat([
  Uint8Array.of(0x30, 0x1d, 0x02, 0x01, 0x01, 0x77, 0x18, 0x80, 0x16),
  new TextEncoder().encode('1.3.6.1.4.1.1466.20037'),
])

/**
 * Asks for TLS by hand, and wants the answer and not one byte more: whatever a man in the middle wrote behind it in clear
 * would otherwise be read as if it had come encrypted.
 */
async function askForTls(socket: Socket, signal: AbortSignal): Promise<void> {
  socket.write(START_TLS)
  let read = Buffer.alloc(0)
  while (!isWhole(read)) {
    read = Buffer.concat([read, await settled(socket, 'data', signal, 'unreachable')])
    if (read.length > 4096) throw new DirectoryError('unexpected_answer')
  }
  socket.pause()
  if (!isYes(read)) throw new DirectoryError('start_tls_refused')
}

function isWhole(read: Buffer): boolean {
  const header = headerOf(read)
  return header !== undefined && read.length >= header.from + header.length
}

/** Message 1, an extended response, result 0, and an end where it says that it ends. */
function isYes(read: Buffer): boolean {
  const message = headerOf(read)
  if (message === undefined || read.length !== message.from + message.length) return false
  const body = read.subarray(message.from)
  if (!body.subarray(0, 4).equals(Uint8Array.of(0x02, 0x01, 0x01, 0x78))) return false
  const response = headerOf(body.subarray(3))
  if (response === undefined) return false
  const result = body.subarray(3 + response.from)
  return result.subarray(0, 3).equals(Uint8Array.of(0x0a, 0x01, 0x00))
}

/** Where the content of a BER element begins, and its length (X.690, 8.1.3). */
function headerOf(read: Buffer): { readonly from: number; readonly length: number } | undefined {
  const first = read[1]
  if (first === undefined) return undefined
  if (first < 0x80) return { from: 2, length: first }
  const size = first & 0x7f
  if (size === 0 || size > 4) throw new DirectoryError('unexpected_answer')
  return read.length < 2 + size ? undefined : { from: 2 + size, length: read.readUIntBE(2, size) }
}

/** Waits for one event of a socket, for no longer than the signal lets it. */
function settled<What extends 'connect' | 'secureConnect' | 'data'>(
  socket: Socket,
  what: What,
  signal: AbortSignal,
  otherwise: 'unreachable' | 'tls_failed',
): Promise<What extends 'data' ? Buffer : undefined> {
  return new Promise((resolve, reject) => {
    const stop = (error?: DirectoryError, value?: unknown): void => {
      socket.off(what, done).off('close', fail).off('error', fail)
      signal.removeEventListener('abort', expire)
      if (error !== undefined) {
        socket.on('error', () => undefined).destroy()
        reject(error)
      } else resolve(value as never)
    }
    const done = (value?: unknown): void => stop(undefined, value)
    const fail = (): void => stop(new DirectoryError(otherwise))
    const expire = (): void => stop(new DirectoryError('too_late'))
    socket.once(what, done).once('close', fail).once('error', fail)
    if (signal.aborted) expire()
    else signal.addEventListener('abort', expire, { once: true })
  })
}
