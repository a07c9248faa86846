import { readText, refuseLength } from './body.ts'
import type { Exchange } from './exchange.ts'
import { splitTarget } from './exchange.ts'
import type { Fields, Values } from './fields.ts'
import { pickFields, refuseQuery } from './fields.ts'
import { parseForm } from './form.ts'
import { parseJson } from './json.ts'
import type { MediaType } from './media-type.ts'
import { parseMediaType } from './media-type.ts'
import type { Outcome, Refusal } from './refusal.ts'

/** How long a body may take, in seconds. */
const BODY_DEADLINE = 10

const UNSUPPORTED: Refusal = {
  code: 'unsupported_media_type',
  message: 'The request body must be JSON or a form, in UTF-8 and without content coding',
}

const TOO_EARLY: Refusal = {
  code: 'too_early',
  message: 'Early data can be replayed; send the request again',
}

const parsers = { json: parseJson, form: parseForm } satisfies Record<MediaType, unknown>

/** Reads the fields that a route takes: the cheap refusals first, then the body, bounded in size, depth and time. */
export async function readFields(
  exchange: Exchange,
  fields: Fields,
  deadline: (seconds: number) => AbortSignal,
): Promise<Outcome<Values>> {
  const early = refuseEarly(exchange)
  if (early !== undefined) return { refusal: early }
  const inQuery = refuseQuery(fields, splitTarget(exchange.target).query)
  if (inQuery !== undefined) return inQuery
  const type = typeOf(exchange, isOptional(fields))
  if (type === undefined) return { refusal: UNSUPPORTED }
  const text = await readText(exchange.body, deadline(BODY_DEADLINE))
  if ('refusal' in text) return text
  if (text.value === '' && isOptional(fields)) return { value: new Map() }
  if (type === 'nothing') return { refusal: UNSUPPORTED }
  const body = parsers[type](text.value)
  return 'refusal' in body ? body : pickFields(fields, body.value)
}

/** What needs no byte of the body. An `Early-Data` header of any value counts as 1 (RFC 8470 section 5.1). */
function refuseEarly({ header }: Exchange): Refusal | undefined {
  if (header('early-data') !== undefined) return TOO_EARLY
  return refuseLength(header('content-length'))
}

/** A body may lack a type where there may be no body at all. */
function typeOf({ header }: Exchange, optional: boolean): MediaType | 'nothing' | undefined {
  const type = header('content-type')
  if ((header('content-encoding') ?? 'identity').toLowerCase() !== 'identity') return undefined
  return type === undefined && optional ? 'nothing' : parseMediaType(type)
}

function isOptional(fields: Fields): boolean {
  return Object.values(fields).every(({ optional }) => optional)
}
