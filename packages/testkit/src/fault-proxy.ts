import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { createChunkReader, createMessageReader } from './messages.ts'

/** What happens to connections. */
export type Fault =
  | 'none'
  /** Present connections are cut, new ones are reset. */
  | 'refuse'
  /** Everything is accepted and nothing is passed on. */
  | 'black-hole'
  /** Requests arrive, replies do not. */
  | 'drop-replies'
  /** The connection is reset as soon as a reply comes. */
  | 'reset-on-reply'

/** Where a proxy leads. */
export interface FaultProxyOptions {
  readonly host: string
  readonly port: number
  /** Whose messages the stream is cut into; bytes as they arrive where it is not Postgres. */
  readonly protocol?: 'postgres' | 'other'
}

/** Whose messages are counted. */
export type Sender = 'client' | 'server'

/** A TCP proxy in front of a server that breaks connections on demand. */
export interface FaultProxy {
  readonly port: number
  set(fault: Fault): void
  /** Holds every reply back for so many milliseconds. */
  delay(milliseconds: number): void
  /** How many messages of the protocol one side has sent, over all connections. */
  sent(sender: Sender): number
  /** Cuts everything as soon as the k-th message from now on has been passed on. */
  cutAfter(sender: Sender, message: number): void
  close(): Promise<void>
}

interface Weather {
  fault: Fault
  latency: number
  readonly sent: Record<Sender, number>
  readonly cutAt: Record<Sender, number>
  readonly sockets: Set<Socket>
  /** Sockets over which the last message has gone, though they are not closed yet. */
  readonly ended: WeakSet<Socket>
}

/** Starts a proxy in front of a server. */
export async function startFaultProxy(target: FaultProxyOptions): Promise<FaultProxy> {
  const weather: Weather = {
    fault: 'none',
    latency: 0,
    sent: { client: 0, server: 0 },
    cutAt: { client: Number.POSITIVE_INFINITY, server: Number.POSITIVE_INFINITY },
    sockets: new Set(),
    ended: new WeakSet(),
  }
  const server = createServer({ noDelay: true }, (client) => join(weather, client, target))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    port,
    set(fault) {
      weather.fault = fault
      if (fault === 'refuse') cutAll(weather)
    },
    delay(milliseconds) {
      weather.latency = milliseconds
    },
    sent: (sender) => weather.sent[sender],
    cutAfter(sender, message) {
      weather.cutAt[sender] = weather.sent[sender] + message
    },
    async close() {
      cutAll(weather)
      server.close()
      await once(server, 'close')
    },
  }
}

function join(weather: Weather, client: Socket, target: FaultProxyOptions): void {
  keep(weather, client)
  if (weather.fault === 'refuse') return void client.resetAndDestroy()
  const upstream = connect({ ...target, noDelay: true })
  keep(weather, upstream)
  client.on('close', () => upstream.destroy())
  upstream.on('close', () => client.destroy())
  const readerOf = target.protocol === 'other' ? createChunkReader : createMessageReader
  const requests = readerOf('client')
  const replies = readerOf('server')
  client.on('data', (chunk) => {
    for (const message of requests.read(chunk)) pass(weather, 'client', upstream, message)
  })
  upstream.on('data', (chunk) => {
    for (const message of replies.read(chunk)) pass(weather, 'server', client, message)
  })
}

function pass(weather: Weather, sender: Sender, to: Socket, message: Buffer): void {
  const { fault, latency } = weather
  if (fault === 'black-hole' || to.destroyed || weather.ended.has(to)) return
  if (sender === 'server' && fault === 'drop-replies') return
  if (sender === 'server' && fault === 'reset-on-reply') {
    cutAll(weather)
    return
  }
  weather.sent[sender] += 1
  const isLast = weather.sent[sender] >= weather.cutAt[sender]
  if (isLast) {
    weather.cutAt[sender] = Number.POSITIVE_INFINITY
    for (const socket of weather.sockets) weather.ended.add(socket)
  }
  const write = (): void => {
    if (to.writable) to.write(message, () => isLast && endAll(weather))
  }
  if (sender === 'server' && latency > 0) setTimeout(write, latency)
  else write()
}

function keep({ sockets }: Weather, socket: Socket): void {
  sockets.add(socket)
  // A message of its own for each one would wait for the other side's delayed acknowledgement.
  socket.setNoDelay()
  socket.on('error', () => socket.destroy())
  socket.on('close', () => sockets.delete(socket))
}

function cutAll({ sockets }: Weather): void {
  for (const socket of sockets) socket.resetAndDestroy()
}

/** Lets what was passed on arrive, and nothing after it. */
function endAll({ sockets }: Weather): void {
  for (const socket of sockets) socket.destroySoon()
}
