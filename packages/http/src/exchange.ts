import type { Countersign, Peer, Source } from '@countersign/core'

/** One HTTP request as any server can hand it over, its body unread. */
export interface Exchange {
  readonly method: string
  /** The path as the client spelt it: undecoded, without query, below the prefix of the mount. */
  readonly path: string
  readonly headers: Headers
  /** Where it comes from, as the adapter of a framework found out. */
  readonly source: Source
  readonly body?: AsyncIterable<Uint8Array> | undefined
  /** The body, where something in front of us has parsed it already. */
  readonly parsed?: unknown
}

/** Turns a web request into an exchange; the peer's address is known to the server alone. */
export function toExchange(
  { sourceOf }: Pick<Countersign, 'sourceOf'>,
  request: Request,
  peer: Peer,
): Exchange {
  const forwardedFor = request.headers.get('x-forwarded-for') ?? undefined
  return {
    method: request.method,
    path: new URL(request.url).pathname,
    headers: request.headers,
    source: sourceOf({ forwardedFor, ...peer }),
    body: (request.body ?? undefined) as AsyncIterable<Uint8Array> | undefined,
  }
}
