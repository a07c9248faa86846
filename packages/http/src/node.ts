// What the adapters for frameworks on node:http share.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Countersign, Source } from '@countersign/core'
import type { Exchange } from './exchange.ts'

/** A node request, and what a body parser in front of us may have left on it. */
export interface NodeRequest {
  readonly message: IncomingMessage
  /** The path and query below the mount, as the client spelt them. */
  readonly url: string
  /** The body that was parsed already. */
  readonly parsed?: unknown
  readonly source: Source
}

/**
 * Turns a node request into an exchange.
 *
 * @throws a `TypeError` where something has read the body and left nothing of it: a mistake of the host.
 */
export function fromNode({ message, url, parsed, source }: NodeRequest): Exchange {
  const wasRead = message.readableDidRead
  if (wasRead && parsed === undefined)
    throw new TypeError('Something before the handler read the body and kept nothing of it')
  const { method = 'GET', headers } = message
  const rest = { method, path: pathOf(url), headers: toHeaders(headers), source }
  return wasRead ? { ...rest, parsed } : { ...rest, body: message }
}

/** Where a node request comes from: the host's word if it has one, otherwise the socket, and trusted proxies. */
export function nodeSource(
  { sourceOf }: Pick<Countersign, 'sourceOf'>,
  { socket, headers }: IncomingMessage,
  clientAddress: string | undefined,
): Source {
  if (clientAddress !== undefined) return { address: clientAddress }
  const forwarded = headers['x-forwarded-for']
  const forwardedFor = Array.isArray(forwarded) ? forwarded.join(', ') : forwarded
  return sourceOf({ address: socket.remoteAddress, forwardedFor })
}

/** The undecoded path of a request target, without its query. */
export function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

/** Writes a web response to a node one. */
export async function toNode(response: Response, target: ServerResponse): Promise<void> {
  const body = new Uint8Array(await response.arrayBuffer())
  const headers = Object.fromEntries(response.headers)
  target.writeHead(response.status, { ...headers, 'content-length': body.length })
  target.end(target.req.method === 'HEAD' ? undefined : body)
}

function toHeaders(headers: IncomingMessage['headers']): Headers {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((one): [string, string] => [name, one]),
  )
  return new Headers(entries)
}
