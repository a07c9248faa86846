import type { Patience } from './attempts.ts'
import { withAttempts } from './attempts.ts'
import type { ClientError } from './client-error.ts'
import type { OnClientEvent } from './events.ts'
import type { Shown } from './next-token.ts'
import type { Proofs } from './proofs.ts'
import type { ClientRuntime } from './runtime.ts'
import type { LoginSource, SourceContext } from './source.ts'
import type { Grant } from './wire.ts'
import { readGrant } from './wire.ts'

/** Exchanges evidence for tokens, and tokens for fresher ones. */
export interface Exchanger {
  readonly logIn: (source: LoginSource, signal: AbortSignal) => Promise<Grant>
  readonly renew: (shown: Shown, signal: AbortSignal) => Promise<Grant>
  readonly revoke: (shown: Shown, signal: AbortSignal) => Promise<void>
}

/** What an exchanger works with. */
export interface ExchangerParts {
  /** The address of the host, without a slash at its end. */
  readonly url: string
  readonly runtime: ClientRuntime
  readonly patience: Patience
  readonly tell: OnClientEvent
  readonly proofs: Proofs
  /** What requests to the host travel by. */
  readonly carry: typeof globalThis.fetch
}

/** Creates an exchanger: every call is tried again while nobody answers. */
export function createExchanger(parts: ExchangerParts): Exchanger {
  const { url, runtime, patience, tell } = parts
  const attempts = {
    runtime,
    patience,
    retrying: (error: ClientError, pause: number) => tell({ type: 'retrying', error, pause }),
  }
  const post = createPost(parts)

  return {
    logIn: (source, signal) =>
      withAttempts(attempts, signal, async (attempt) => {
        const context: SourceContext = { runtime, signal: attempt, audience: url }
        // Read anew for each attempt: evidence is short-lived, and some of it is taken once only.
        const read = async () => {
          const { slug, fields } = await source.read(context)
          return { path: `${slug}/login`, fields }
        }
        return readGrant(await post(read, attempt))
      }),
    renew: (shown, signal) =>
      withAttempts(attempts, signal, async (attempt) =>
        readGrant(await post(showing('renew', shown), attempt, shown)),
      ),
    revoke: (shown, signal) =>
      withAttempts(attempts, signal, async (attempt) => {
        const response = await post(showing('revoke', shown), attempt, shown)
        if (!response.ok) await readGrant(response)
      }),
  }
}

interface Message {
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
}

const showing = (verb: string, { token }: Shown) => {
  return async (): Promise<Message> => ({
    path: `token/${verb}`,
    fields: { accessToken: token },
  })
}

/** Creates what posts a message, and posts it once more where another proof is wanted beside it. */
function createPost({ url, carry, proofs }: ExchangerParts) {
  return (read: () => Promise<Message>, signal: AbortSignal, shown?: Shown): Promise<Response> =>
    proofs.withProof({ shown }, async (prove) => {
      const { path, fields } = await read()
      const place = `${url}/api/v1/auth/${path}`
      return carry(place, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          ...(await prove('POST', place)),
        },
        body: JSON.stringify(fields),
        redirect: 'error',
        signal,
      })
    })
}
