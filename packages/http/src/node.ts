// What adapters for frameworks on Node share. It is typed by what it needs and imports nothing of Node's.

import type { CertifiedSocket } from '@countersign/core'
import { certificateOf } from '@countersign/core'
import type { Caller } from './caller.ts'
import type { Exchange } from './exchange.ts'
import { provedRequest, splitTarget } from './exchange.ts'
import { DEEPEST } from './json.ts'
import { parseMediaType } from './media-type.ts'
import type { AskUser } from './principal.ts'

/** The little that adapters need of a request of Node's. */
export interface NodeRequest {
  readonly method?: string | undefined
  readonly url?: string | undefined
  /** The whole target, where a framework has cut its mount off `url`. */
  readonly originalUrl?: string | undefined
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  readonly rawHeaders: readonly string[]
  readonly socket: CertifiedSocket & { readonly remoteAddress?: string | undefined }
  readonly readableDidRead: boolean
  readonly readableEnded: boolean
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterator<unknown>
}

/** What an adapter knows of a request beside the request itself. */
export interface NodeContext {
  readonly peer: Caller
  /** What a body parser before us made of the body. */
  readonly parsedBody: unknown
  /** Asks the host who its own session says is there. */
  readonly user?: AskUser | undefined
}

/** Reads a request of Node's. Its target is the raw one, below the framework's mount; its body is read on demand. */
export function nodeExchange(request: NodeRequest, context: NodeContext): Exchange {
  const { peer, parsedBody, user } = context
  const { method = '', url = '' } = request
  const header = (name: string): string | undefined =>
    name === 'authorization' ? nodeAuthorization(request) : headerOf(request, name)
  return {
    method,
    target: url,
    header,
    get body() {
      return bodyOf(request, parsedBody)
    },
    peer,
    user,
  }
}

/** What a framework says about the mount of a handler. */
export interface Mounted {
  readonly url?: string | undefined
  readonly baseUrl?: string | undefined
  readonly originalUrl?: string | undefined
}

/**
 * Answers the target below a mount. Where the framework took two slashes for one, as Express 4 does, it is the one that
 * was sent, and so nobody's.
 */
export function nodeTarget({ url = '', baseUrl = '', originalUrl = url }: Mounted): string {
  const shown = baseUrl + splitTarget(url).path
  const sent = splitTarget(originalUrl).path
  return sent !== shown && sent.replace(/\/+/g, '/') === shown ? originalUrl : url
}

/**
 * Reads the other end of a request of Node's: its socket, and what the headers say, believed by nobody yet. `target` is the
 * whole one, where a framework keeps that to itself.
 */
export function nodePeer(request: NodeRequest, target?: string): Caller {
  const { method = '', url = '', originalUrl = url } = request
  return {
    address: request.socket.remoteAddress,
    certificate: certificateOf(request.socket),
    request: provedRequest(method, target ?? originalUrl, headerOf(request, 'dpop')),
    header: (name) => headerOf(request, name),
    forwardedFor: headerOf(request, 'x-forwarded-for'),
    requestId: headerOf(request, 'x-request-id'),
    userAgent: headerOf(request, 'user-agent'),
  }
}

/**
 * Reads the other end of a request of Node's when somebody asks. Who is there is noted at once: a connection that ends
 * takes its address along.
 */
export function nodePeerOf(request: NodeRequest, target?: string): () => Caller {
  const address = request.socket.remoteAddress
  return () => ({ ...nodePeer(request, target), address })
}

/** Reads the `Authorization` header. Node keeps the first of several and hides the rest, which must not pass. */
export function nodeAuthorization(request: NodeRequest): string | undefined {
  const { rawHeaders } = request
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (isAuthorization(rawHeaders[index])) count += 1
  if (count < 2) return headerOf(request, 'authorization')
  return rawHeaders.filter((_, index) => isAuthorization(rawHeaders[index - 1])).join(', ')
}

const AUTHORIZATION = 'authorization'

function isAuthorization(name: string | undefined): boolean {
  return name?.length === AUTHORIZATION.length && name.toLowerCase() === AUTHORIZATION
}

function headerOf({ headers }: NodeRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'object' ? value.join(', ') : value
}

function bodyOf(request: NodeRequest, parsed: unknown): ReadableStream<Uint8Array> | undefined {
  if (!request.readableDidRead) return request.readableEnded ? undefined : streamOf(request)
  if (parsed === undefined)
    throw new TypeError('The body was read and not kept; mount the handler before what reads it')
  return new Response(encodeParsed(request, parsed)).body ?? undefined
}

const encoder = new TextEncoder()

/** Reads chunk by chunk, as far as somebody asks; giving up leaves the connection fit for an answer. */
function streamOf(request: NodeRequest): ReadableStream<Uint8Array> {
  const chunks = request.iterator({ destroyOnReturn: false })
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next()
        if (done === true) return controller.close()
        controller.enqueue(value instanceof Uint8Array ? value : encoder.encode(String(value)))
      },
      async cancel() {
        await chunks.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/** Writes a parsed body again in its own media type, so that it passes the same checks as one that nobody touched. */
function encodeParsed(request: NodeRequest, parsed: unknown): string | Uint8Array {
  if (typeof parsed === 'string' || parsed instanceof Uint8Array) return parsed
  const form = parseMediaType(headerOf(request, 'content-type')) === 'form'
  if (form && typeof parsed === 'object' && parsed !== null) return encodeForm(parsed)
  return JSON.stringify(cut(parsed, DEEPEST + 1)) ?? ''
}

/** What a parser took for a structure was written with brackets, or twice. */
function encodeForm(parsed: object): string {
  const pairs = Object.entries(parsed).map(([name, value]): [string, string] =>
    typeof value === 'string' ? [name, value] : [`${name}[]`, ''],
  )
  return new URLSearchParams(pairs).toString()
}

/** Too deep stays too deep, without a stack as deep as a client likes. */
function cut(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return null
  if (Array.isArray(value)) return value.map((item) => cut(item, levels - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, cut(member, levels - 1)]),
  )
}
