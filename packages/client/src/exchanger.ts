import type { Patience } from './attempts.ts'
import { withAttempts } from './attempts.ts'
import type { ClientError } from './client-error.ts'
import type { OnClientEvent } from './events.ts'
import type { ClientRuntime } from './runtime.ts'
import type { LoginSource, SourceContext } from './source.ts'
import type { Grant } from './wire.ts'
import { readGrant } from './wire.ts'

/** Exchanges evidence for tokens, and tokens for fresher ones. */
export interface Exchanger {
  readonly logIn: (source: LoginSource, signal: AbortSignal) => Promise<Grant>
  readonly renew: (token: string, signal: AbortSignal) => Promise<Grant>
  readonly revoke: (token: string, signal: AbortSignal) => Promise<void>
}

/** What an exchanger works with. */
export interface ExchangerParts {
  /** The address of the host, without a slash at its end. */
  readonly url: string
  readonly runtime: ClientRuntime
  readonly patience: Patience
  readonly tell: OnClientEvent
}

/** Creates an exchanger: every call is tried again while nobody answers. */
export function createExchanger({ url, runtime, patience, tell }: ExchangerParts): Exchanger {
  const attempts = {
    runtime,
    patience,
    retrying: (error: ClientError, pause: number) => tell({ type: 'retrying', error, pause }),
  }
  const post = (path: string, fields: Readonly<Record<string, string>>, signal: AbortSignal) =>
    runtime.fetch(`${url}/api/v1/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(fields),
      redirect: 'error',
      signal,
    })

  return {
    logIn: (source, signal) =>
      withAttempts(attempts, signal, async (attempt) => {
        const context: SourceContext = { runtime, signal: attempt, audience: url }
        // Read anew for each attempt: evidence is short-lived, and some of it is taken once only.
        const { slug, fields } = await source.read(context)
        return readGrant(await post(`${slug}/login`, fields, attempt))
      }),
    renew: (accessToken, signal) =>
      withAttempts(attempts, signal, async (attempt) =>
        readGrant(await post('token/renew', { accessToken }, attempt)),
      ),
    revoke: (accessToken, signal) =>
      withAttempts(attempts, signal, async (attempt) => {
        const response = await post('token/revoke', { accessToken }, attempt)
        if (!response.ok) await readGrant(response)
      }),
  }
}
