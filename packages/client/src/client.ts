import type { Patience } from './attempts.ts'
import { ClientError } from './client-error.ts'
import type { OnClientEvent } from './events.ts'
import { createExchanger } from './exchanger.ts'
import type { RequestPlace } from './fetch.ts'
import { createFetch, createHeaders } from './fetch.ts'
import { createProofs } from './proofs.ts'
import type { ClientRuntime } from './runtime.ts'
import { createSession } from './session.ts'
import type { Source } from './source.ts'
import { createStaticSession } from './static-session.ts'
import { systemRuntime } from './system-runtime.ts'

/** How a client is made. */
export interface ClientOptions {
  /** The address of the Countersign host: `https://id.example.com`. A path before `/api/v1` is kept. */
  readonly url: string
  /** How the workload proves who it is: `universal({ … })`, `kubernetes({ … })`, … */
  readonly auth: Source
  /** Origins besides that of `url` to which `fetch` carries the token: `https://orders.example.com`. */
  readonly origins?: readonly string[]
  /**
   * Whether tokens are bound to a key (DPoP, RFC 9449) that never leaves the process. `true` from the first login on, `false`
   * never; where left out, once the host asks for it.
   */
  readonly dpop?: boolean
  /** What requests to the host and to `origins` travel by: `certificateFetch(…)` of `@countersign/client/node` for mTLS. */
  readonly fetch?: typeof globalThis.fetch
  /** How often, and for how long, it is tried while nobody answers. */
  readonly patience?: Patience
  /** Hears of logins, renewals and failures. */
  readonly onEvent?: OnClientEvent
  /** Clock, chance and network; those of the process where left out. */
  readonly runtime?: ClientRuntime
}

/** A workload's own token, always fresh. */
export interface Client extends AsyncDisposable {
  /**
   * Resolves to a token that will be accepted for a while, logging in or waiting for a login under way where there is none.
   *
   * @throws ClientError by what the caller can do: `locked_out`, `invalid_credential`, `unreachable`, …
   */
  readonly token: (signal?: AbortSignal) => Promise<string>
  /**
   * `fetch` with the token. A 401 is answered once with a login and the same request, unless its body is a stream.
   *
   * @throws ClientError `invalid_request` for an origin that is not among `origins`: a token is not carried to strangers.
   */
  readonly fetch: typeof globalThis.fetch
  /**
   * Makes the headers for a request that another library sends: `authorization`, and `dpop` where the token is bound. They are
   * for this one request: a proof counts once.
   *
   * @throws ClientError as `token` and `fetch` do.
   */
  readonly headers: (
    request: RequestPlace,
    signal?: AbortSignal,
  ) => Promise<Readonly<Record<string, string>>>
  /** Ends the login with all its tokens, as the end of an `await using` does. */
  readonly revoke: (signal?: AbortSignal) => Promise<void>
}

/**
 * Creates a client: it logs in when a token is first wanted, renews it ahead of its end, and logs in again where renewing ends.
 *
 * @throws ClientError `invalid_request` where `url` or an origin is no http(s) URL.
 */
export function createClient(options: ClientOptions): Client {
  const { auth, origins = [], patience = {}, runtime = systemRuntime } = options
  const base = parseBase(options.url)
  const tell: OnClientEvent = (event) => {
    try {
      options.onEvent?.(event)
    } catch {
      // A listener is no part of the login.
    }
  }
  const url = base.href.replace(/\/+$/, '')
  const proofs = createProofs(runtime, options.dpop)
  const carry = options.fetch ?? (auth.kind === 'login' ? auth.fetch : undefined) ?? runtime.fetch
  const session =
    auth.kind === 'token'
      ? createStaticSession(auth, runtime, url)
      : createSession({
          source: auth,
          exchanger: createExchanger({ url, runtime, patience, tell, proofs, carry }),
          runtime,
          tell,
        })
  const known = new Set([base.origin, ...origins.map((origin) => parseBase(origin).origin)])
  const parts = { session, origins: known, proofs, carry }
  return {
    token: async (signal) => (await session.token(signal)).token,
    fetch: createFetch(parts),
    headers: createHeaders(parts),
    revoke: session.revoke,
    async [Symbol.asyncDispose]() {
      // Nobody can do anything about it here, and the token ends by itself.
      if (auth.kind === 'login') await session.revoke().catch(() => undefined)
    },
  }
}

function parseBase(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new ClientError('invalid_request', `"${text}" is no http or https URL`)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new ClientError(
      'invalid_request',
      'The URL of a host has no credentials, query or fragment',
    )
  return url
}
