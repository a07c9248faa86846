import type { Outcome, Refusal } from './refusal.ts'
import { badRequest } from './refusal.ts'

/** The longest body that is read: 32 kB. */
export const LONGEST_BODY: number = 32 * 1024

const TOO_LARGE: Refusal = {
  code: 'payload_too_large',
  message: 'The request body must be at most 32 kB',
}
const TOO_SLOW: Refusal = {
  code: 'request_timeout',
  message: 'The request body did not arrive in time',
}

/** How a body came to an end that no reader waits for any longer. */
type Step = { readonly done: boolean; readonly value?: Uint8Array | undefined } | 'late' | 'broken'

/** Refuses a body that says itself how much too large it is; what it does not say is counted while reading. */
export function refuseLength(contentLength: string | undefined): Refusal | undefined {
  return Number(contentLength ?? 0) > LONGEST_BODY ? TOO_LARGE : undefined
}

/** Reads a whole body as UTF-8 text, and stops at the limit, at the deadline or where its connection breaks. */
export async function readText(
  body: ReadableStream<Uint8Array> | undefined,
  deadline: AbortSignal,
): Promise<Outcome<string>> {
  const bytes = body === undefined ? { value: new Uint8Array() } : await readBytes(body, deadline)
  return 'refusal' in bytes ? bytes : decode(bytes.value)
}

async function readBytes(
  body: ReadableStream<Uint8Array>,
  deadline: AbortSignal,
): Promise<Outcome<Uint8Array>> {
  const reader = body.getReader()
  const { late, forget } = waitFor(deadline)
  // Nobody hears of what is wrong with the rest of a body that is not read on.
  const abandon = (): void => void reader.cancel().catch(() => undefined)
  const next = (): Promise<Step> =>
    Promise.race([reader.read().catch((): Step => 'broken'), late] as const)
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let step = await next(); ; step = await next()) {
      if (step === 'broken') return badRequest('The request body ended too early')
      if (step === 'late') return { refusal: TOO_SLOW }
      if (step.value === undefined) return { value: join(chunks, size) }
      size += step.value.byteLength
      if (size > LONGEST_BODY) return { refusal: TOO_LARGE }
      chunks.push(step.value)
    }
  } finally {
    forget()
    abandon()
  }
}

interface Waiting {
  readonly late: Promise<'late'>
  readonly forget: () => void
}

function waitFor(deadline: AbortSignal): Waiting {
  let forget = (): void => undefined
  const late = new Promise<'late'>((resolve) => {
    if (deadline.aborted) return resolve('late')
    const tell = (): void => resolve('late')
    deadline.addEventListener('abort', tell)
    forget = () => deadline.removeEventListener('abort', tell)
  })
  return { late, forget: () => forget() }
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

/** A byte order mark stays in the text, where no grammar of ours takes it. */
function decode(bytes: Uint8Array): Outcome<string> {
  try {
    return { value: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return badRequest('The request body must be valid UTF-8')
  }
}
