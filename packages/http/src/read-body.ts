import type { Exchange } from './exchange.ts'
import { parseForm, parseJson } from './parse-body.ts'
import type { Problem } from './problem.ts'
import { problem } from './problem.ts'

/** The members of a body that routes look at; what they do not know is never looked at. */
export type Fields = Readonly<Record<string, unknown>>

/** A body that was read, or why it was not. The two stand apart: nothing a client sends can pass for a refusal. */
export type Body =
  | { readonly fields: Fields; readonly problem?: undefined }
  | { readonly problem: Problem; readonly fields?: undefined }

/** The largest body in bytes. */
export const MAX_BODY = 32_768
/** Seconds that a body may take to arrive. */
export const BODY_DEADLINE = 10

const TOO_LARGE = problem(413, 'The body is too large', { connection: 'close' })
const TOO_SLOW = problem(408, 'The body did not arrive in time', { connection: 'close' })
const UNSUPPORTED = problem(
  415,
  'The body must be application/json or application/x-www-form-urlencoded in UTF-8',
)

const parsers = {
  'application/json': parseJson,
  'application/x-www-form-urlencoded': parseForm,
} as const

/** Reads and parses a body: bounded in size, time and depth, in one of two media types. */
export async function readBody(exchange: Exchange, signal: AbortSignal): Promise<Body> {
  const parse = parserOf(exchange.headers)
  if (parse === undefined) return { problem: UNSUPPORTED }
  if (exchange.parsed !== undefined) return toFields(exchange.parsed)
  if (Number(exchange.headers.get('content-length') ?? 0) > MAX_BODY) return { problem: TOO_LARGE }
  const bytes = await collect(exchange.body, signal)
  if (!(bytes instanceof Uint8Array)) return { problem: bytes }
  const text = decode(bytes)
  return text === undefined ? { problem: problem(400, 'The body must be UTF-8') } : parse(text)
}

function parserOf(headers: Headers): ((text: string) => Body) | undefined {
  if (!['', 'identity'].includes(headers.get('content-encoding') ?? '')) return undefined
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';')
  const parser = parsers[type.trim() as keyof typeof parsers]
  const isUtf8 = parameters.every((parameter) => /^\s*(charset="?utf-?8"?\s*|)$/.test(parameter))
  return isUtf8 && Object.hasOwn(parsers, type.trim()) ? parser : undefined
}

/** What a body parser in front of us made of the body: an object, or nothing that we know. */
function toFields(parsed: unknown): Body {
  const isRecord = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
  if (!isRecord) return { problem: problem(400, 'The body must be an object') }
  return { fields: { ...parsed } }
}

async function collect(body: Exchange['body'], signal: AbortSignal): Promise<Uint8Array | Problem> {
  if (body === undefined) return new Uint8Array(0)
  const late = aborted(signal)
  const chunks: Uint8Array[] = []
  let size = 0
  const iterator = body[Symbol.asyncIterator]()
  for (;;) {
    const step = await Promise.race([iterator.next(), late])
    if (step === LATE) return TOO_SLOW
    if (step.done === true) return join(chunks, size)
    size += step.value.length
    if (size > MAX_BODY) return TOO_LARGE
    chunks.push(step.value)
  }
}

const LATE = 'late'

function aborted(signal: AbortSignal): Promise<typeof LATE> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(LATE)
    else signal.addEventListener('abort', () => resolve(LATE), { once: true })
  })
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    whole.set(chunk, offset)
    offset += chunk.length
  }
  return whole
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
