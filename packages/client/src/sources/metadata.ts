import { ClientError } from '../client-error.ts'
import type { SourceContext } from '../source.ts'

/** A platform answers at once or not at all: where it is not there, nobody waits. In milliseconds. */
const PATIENCE = 2000

/** Asks a metadata service of the platform, which no proxy and no redirect stands before. */
export async function askMetadata(
  { runtime, signal }: SourceContext,
  url: string,
  init: RequestInit = {},
): Promise<Response> {
  const name = new URL(url).host
  const response = await runtime
    .fetch(url, {
      ...init,
      redirect: 'error',
      signal: AbortSignal.any([signal, runtime.deadline(PATIENCE)]),
    })
    .catch((cause: unknown) => {
      throw new ClientError('unreachable', `The platform's ${name} did not answer`, { cause })
    })
  if (response.ok) return response
  const { status } = response
  await response.body?.cancel()
  // 404 and 410 are what a service says while it starts; 429 while it is busy.
  const passes = status >= 500 || [404, 410, 429].includes(status)
  throw new ClientError(
    passes ? 'unreachable' : 'evidence_missing',
    `The platform's ${name} answered ${status}`,
    { status },
  )
}

/** Reads a text out of an object that a platform answered. */
export async function readField(response: Response, ...names: string[]): Promise<string> {
  const answer: unknown = await response.json().catch(() => undefined)
  for (const name of names) {
    const value = (answer as Record<string, unknown> | null | undefined)?.[name]
    if (typeof value === 'string' && value !== '') return value
  }
  throw new ClientError('evidence_missing', `The platform answered without ${names.join(' or ')}`)
}
