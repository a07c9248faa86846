import { ClientError } from './client-error.ts'
import type { ClientRuntime } from './runtime.ts'
import type { Session } from './session.ts'

/** Creates the `fetch` that adds the token, to known origins alone. */
export function createFetch(
  session: Session,
  origins: ReadonlySet<string>,
  runtime: ClientRuntime,
): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { origin } = new URL(request.url)
    if (!origins.has(origin))
      throw new ClientError('invalid_request', `${origin} is not among the origins of this client`)
    const again = canRepeat(input, init) ? request.clone() : undefined
    const token = await session.token(request.signal)
    const response = await runtime.fetch(withToken(request, token))
    if (response.status !== 401 || again === undefined) return response
    session.forget(token)
    const fresh = await session.token(request.signal)
    // The first answer is not read any more; its connection is let go.
    await response.body?.cancel()
    return runtime.fetch(withToken(again, fresh))
  }
}

function withToken(request: Request, token: string): Request {
  const headers = new Headers(request.headers)
  headers.set('authorization', `Bearer ${token}`)
  return new Request(request, { headers })
}

/** A stream can be read once; a copy of it would be kept in memory whole. */
function canRepeat(input: string | URL | Request, init: RequestInit | undefined): boolean {
  const body = init?.body ?? (input instanceof Request ? input.body : undefined)
  return !(body instanceof ReadableStream)
}
