import type { Caller } from './caller.ts'
import type { AskUser } from './principal.ts'

/** One request as it arrived: nothing about it is normalised, and its body is not read. */
export interface Exchange {
  readonly method: string
  /** Path and query as they stood in the request line, below the mount. */
  readonly target: string
  /** Answers a header by its name in lower case, repeated ones joined by commas. */
  readonly header: (name: string) => string | undefined
  readonly body: ReadableStream<Uint8Array> | undefined
  readonly peer: Caller
  /** Asks the host who its own session says is there. */
  readonly user?: AskUser | undefined
}

/** Takes a target apart at its first question mark, and nothing else: the path is compared as it was written. */
export function splitTarget(target: string): { readonly path: string; readonly query: string } {
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, query: '' }
  return { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

/** A request as far as a proof is about it; nothing where there is none. */
export function provedRequest(
  method: string,
  target: string,
  dpop: string | undefined,
): Caller['request'] {
  return dpop === undefined ? undefined : { dpop, method, target }
}

/** Reads a web `Request`, which its platform has normalised already. */
export function exchangeOf(request: Request, peer: Caller, user?: AskUser): Exchange {
  return {
    method: request.method,
    target: targetOf(request),
    header: headersOf(request),
    body: request.body ?? undefined,
    user,
    peer: webPeer(request, peer),
  }
}

/** Reads the other end of a web `Request`: what its headers say, where the host says nothing of it. */
export function webPeer(request: Request, peer: Caller = {}): Caller {
  const header = headersOf(request)
  return {
    ...peer,
    request: peer.request ?? provedRequest(request.method, targetOf(request), header('dpop')),
    header: peer.header ?? header,
    forwardedFor: peer.forwardedFor ?? header('x-forwarded-for'),
    requestId: peer.requestId ?? header('x-request-id'),
    userAgent: peer.userAgent ?? header('user-agent'),
  }
}

function targetOf({ url }: Request): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

function headersOf({ headers }: Request): Exchange['header'] {
  return (name) => headers.get(name) ?? undefined
}
