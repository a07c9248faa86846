import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, request as ask } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream as NodeStream } from 'node:stream/web'
import type { Provided } from '../source.ts'
import { provide } from '../source.ts'

/** What is shown in the handshake, all of it PEM. A function is asked anew for every request: certificates are renewed. */
export interface CertificateOptions {
  /** The certificate, with the intermediates that lead to its authority. */
  readonly cert: Provided
  readonly key: Provided
  /** Who the server's own certificate may come from; whom Node trusts where left out. */
  readonly ca?: Provided | undefined
}

/**
 * Creates a `fetch` that shows a client certificate (RFC 8705), for `tls({ … })` and for tokens that are bound to a
 * certificate. It speaks https alone, and follows no redirect: the certificate is for who was asked.
 *
 * As `fetch` does, it rejects with a TypeError where nobody can be reached, and with the reason of an aborted signal.
 */
export function certificateFetch(options: CertificateOptions): typeof globalThis.fetch {
  const agentOf = createAgents(options)
  return async (input, init) => {
    const request = new Request(input, init)
    request.signal.throwIfAborted()
    if (!request.url.startsWith('https:'))
      throw new TypeError('A certificate is shown over https alone')
    const agent = await agentOf()
    try {
      return toResponse(await send(request, agent), request)
    } catch (cause) {
      request.signal.throwIfAborted()
      throw new TypeError('fetch failed', { cause })
    }
  }
}

/** Keeps connections while the certificate stays what it is: those that are open showed the one before. */
function createAgents({ cert, key, ca }: CertificateOptions): () => Promise<Agent> {
  let shown = ''
  let agent: Agent | undefined
  return async () => {
    const read = {
      cert: await provide(cert),
      key: await provide(key),
      ca: ca && (await provide(ca)),
    }
    const now = JSON.stringify(read)
    if (agent !== undefined && now === shown) return agent
    for (const socket of Object.values(agent?.freeSockets ?? {}).flat()) socket?.destroy()
    shown = now
    agent = new Agent({ ...read, keepAlive: true })
    return agent
  }
}

async function send(request: Request, agent: Agent): Promise<IncomingMessage> {
  const { method, signal, url, body } = request
  const headers = { 'accept-encoding': 'identity', ...Object.fromEntries(request.headers) }
  const outgoing = ask(url, { method, headers, agent, signal })
  const answered = once(outgoing, 'response') as Promise<[IncomingMessage]>
  if (body === null) outgoing.end()
  // Who answers before all is sent is heard all the same.
  else await Promise.race([answered, pipeline(Readable.fromWeb(body as NodeStream), outgoing)])
  const [incoming] = await answered
  return incoming
}

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

function toResponse(incoming: IncomingMessage, { method, redirect }: Request): Response {
  const { statusCode: status = 0, statusMessage: statusText = '', rawHeaders } = incoming
  if (status >= 300 && status < 400 && status !== 304 && redirect !== 'manual') {
    incoming.destroy()
    throw new TypeError('A redirect is not followed with a certificate')
  }
  const headers = new Headers()
  for (let place = 0; place < rawHeaders.length; place += 2)
    headers.append(rawHeaders[place] ?? '', rawHeaders[place + 1] ?? '')
  const isEmpty = method === 'HEAD' || WITHOUT_BODY.has(status)
  if (isEmpty) incoming.resume()
  const body = isEmpty ? null : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>)
  return new Response(body, { status, statusText, headers })
}
