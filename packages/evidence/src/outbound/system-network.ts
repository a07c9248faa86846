import type { LookupAddress } from 'node:dns'
import { lookup } from 'node:dns/promises'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import http from 'node:http'
import https from 'node:https'
import type { Socket } from 'node:net'
import { isIP, isIPv6 } from 'node:net'
import tls from 'node:tls'
import { hostOf } from './egress.ts'
import type { Answer, Dial, Network } from './network.ts'
import { OutboundError } from './network.ts'

// The one place that reads the network and the timers of the process, as system-runtime.ts does in core.

/** Creates the network of this process: sockets to addresses that were checked, kept alive between requests. */
export function systemNetwork({ proxy }: { readonly proxy?: string | undefined } = {}): Network {
  const agents = {
    'http:': new http.Agent({ keepAlive: true, maxFreeSockets: 4 }),
    'https:': new https.Agent({ keepAlive: true, maxFreeSockets: 4 }),
  }
  const through = proxy === undefined ? undefined : new URL(proxy)

  async function sendOnce(dial: Dial): Promise<Answer> {
    const { url, ca, method, headers, signal } = dial
    const secure = url.protocol === 'https:'
    const options: RequestOptions & tls.ConnectionOptions = {
      method,
      headers,
      signal,
      ...(ca !== undefined && { ca }),
      rejectUnauthorized: true,
      // The name that was asked for, whatever the request's own `host` header says.
      servername: nameOf(url),
      lookup: pinnedTo(dial.addresses),
    }
    if (through !== undefined && secure) {
      const socket = await tunnel(through, dial)
      Object.assign(options, { agent: false, createConnection: () => socket })
    } else options.agent = secure ? agents['https:'] : agents['http:']
    return exchange((secure ? https : http).request(url, options), dial)
  }

  return {
    resolve: async (host) => (await lookup(host, { all: true })).map(({ address }) => address),
    async send(dial) {
      try {
        return await sendOnce(dial)
      } catch (error) {
        if (!(error instanceof DeadSocket)) throw error
        return await sendOnce(dial)
      }
    },
    deadline: (seconds) => AbortSignal.timeout(seconds * 1000),
  }
}

/** A kept socket that its other end had closed: the request never arrived. */
class DeadSocket extends OutboundError {
  constructor() {
    super('unreachable')
  }
}

/** The name that a server must prove to have; an address is no name (RFC 6066, 3). */
function nameOf(url: URL): string {
  const host = hostOf(url)
  return isIP(host) === 0 ? host : ''
}

/** Answers the addresses that were checked, whatever the name resolves to by now. */
function pinnedTo(addresses: readonly string[]) {
  const pinned: LookupAddress[] = addresses.map((address) => ({
    address,
    family: isIPv6(address) ? 6 : 4,
  }))
  return (
    _host: string,
    options: { readonly all?: boolean | undefined },
    answer: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    const [first] = pinned
    if (options.all === true) answer(null, pinned)
    else answer(null, first?.address ?? '', first?.family ?? 4)
  }
}

function exchange(request: ClientRequest, dial: Dial): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('error', (error: Error & { readonly code?: string }) => {
      if (dial.signal.aborted) return reject(new OutboundError('too_late'))
      const died = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '')
      reject(died ? new DeadSocket() : new OutboundError('unreachable'))
    })
    request.on('upgrade', (_answer, socket) => socket.destroy())
    request.on('response', (answer) => {
      read(answer, dial).then(resolve, (error: unknown) => {
        request.destroy()
        reject(error)
      })
    })
    request.end(dial.body)
  })
}

async function read(answer: IncomingMessage, { mostBytes, signal }: Dial): Promise<Answer> {
  const encoding = answer.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new OutboundError('encoded')
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      size += chunk.length
      if (size > mostBytes) throw new OutboundError('too_large')
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof OutboundError) throw error
    throw new OutboundError(signal.aborted ? 'too_late' : 'unreachable')
  }
  const headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, value]) => [name, value?.toString()]),
  )
  return { status: answer.statusCode ?? 0, headers, body: Buffer.concat(chunks) }
}

/** Opens a connection through a proxy, to a checked address rather than to a name that the proxy would resolve. */
function tunnel(proxy: URL, { url, addresses, ca, signal }: Dial): Promise<tls.TLSSocket> {
  const [address = ''] = addresses
  const target = `${isIPv6(address) ? `[${address}]` : address}:${url.port || '443'}`
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const basic = `Basic ${Buffer.from(credentials).toString('base64')}`
  const headers = proxy.username === '' ? {} : { 'proxy-authorization': basic }
  const options = { method: 'CONNECT', path: target, headers, signal, agent: false }
  const place = {
    host: hostOf(proxy),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
  }
  const request = (proxy.protocol === 'https:' ? https : http).request({ ...place, ...options })
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new OutboundError(signal.aborted ? 'too_late' : 'unreachable'))
    request.on('error', fail)
    request.on('response', fail)
    request.on('connect', (answer: IncomingMessage, socket: Socket) => {
      if (answer.statusCode !== 200) return fail()
      const host = hostOf(url)
      const name = isIPv6(host) || /^[0-9.]+$/.test(host) ? {} : { servername: host }
      const trusted = ca === undefined ? {} : { ca }
      const secure = tls.connect({ socket, host, ...name, ...trusted })
      secure.once('error', fail)
      secure.once('secureConnect', () => resolve(secure))
    })
    request.end()
  })
}
