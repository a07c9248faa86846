import { ClientError } from './client-error.ts'
import type { Shown } from './next-token.ts'
import type { Proofs } from './proofs.ts'
import type { Session } from './session.ts'

/** What requests are given their token by. */
export interface FetchParts {
  readonly session: Session
  /** To nobody else is a token carried. */
  readonly origins: ReadonlySet<string>
  readonly proofs: Proofs
  readonly carry: typeof globalThis.fetch
}

/** Creates the `fetch` that adds the token, to known origins alone. */
export function createFetch(parts: FetchParts): typeof globalThis.fetch {
  const { session } = parts
  return async (input, init) => {
    const request = new Request(input, init)
    checkOrigin(parts, request.url)
    if (!canRepeat(input, init)) return send(parts, request, await session.token(request.signal))
    const shown = await session.token(request.signal)
    const response = await send(parts, request.clone(), shown, request)
    if (response.status !== 401) return response
    session.forget(shown.token)
    const fresh = await session.token(request.signal)
    // The first answer is not read any more; its connection is let go.
    await response.body?.cancel()
    return send(parts, request, fresh)
  }
}

/** A request by its method and its place. */
export interface RequestPlace {
  /** `GET` where left out. */
  readonly method?: string | undefined
  readonly url: string | URL
}

/** Creates what makes the headers of a request that another library sends: the token, and a proof where it is bound. */
export function createHeaders(parts: FetchParts) {
  const { session, proofs } = parts
  return async (
    { method = 'GET', url }: RequestPlace,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, string>>> => {
    const { href } = new URL(url)
    checkOrigin(parts, href)
    const shown = await session.token(signal)
    const proof = await proofs.beside(shown, method.toUpperCase(), href)
    return { authorization: `${shown.scheme} ${shown.token}`, ...proof }
  }
}

function checkOrigin({ origins }: FetchParts, url: string): void {
  const { origin } = new URL(url)
  if (!origins.has(origin))
    throw new ClientError('invalid_request', `${origin} is not among the origins of this client`)
}

/** Sends a request with a token; `spare` is copied where another proof is wanted beside it. */
function send(
  { proofs, carry }: FetchParts,
  request: Request,
  shown: Shown,
  spare?: Request,
): Promise<Response> {
  let unsent: Request | undefined = request
  return proofs.withProof({ shown, again: spare !== undefined }, async (prove) => {
    const next = unsent ?? spare?.clone() ?? request
    unsent = undefined
    const headers = new Headers(next.headers)
    headers.set('authorization', `${shown.scheme} ${shown.token}`)
    const { dpop } = await prove(next.method, next.url)
    if (dpop === undefined) headers.delete('dpop')
    else headers.set('dpop', dpop)
    return carry(new Request(next, { headers }))
  })
}

/** A stream can be read once; a copy of it would be kept in memory whole. */
function canRepeat(input: string | URL | Request, init: RequestInit | undefined): boolean {
  const body = init?.body ?? (input instanceof Request ? input.body : undefined)
  return !(body instanceof ReadableStream)
}
