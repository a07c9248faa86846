import { readText, refuseLength } from './body.ts'
import type { Exchange } from './exchange.ts'
import { splitTarget } from './exchange.ts'
import { parseForm } from './form.ts'
import { parseJson } from './json.ts'
import type { MediaType } from './media-type.ts'
import { parseMediaType } from './media-type.ts'
import type { Outcome, Refusal } from './refusal.ts'
import { badRequest } from './refusal.ts'
import type { BodyRules } from './routes/route.ts'
import { fieldsOf } from './schema.ts'

/** How long a body may take, in seconds. */
const BODY_DEADLINE = 10

const UNSUPPORTED_FORMS: Refusal = {
  code: 'unsupported_media_type',
  message: 'The request body must be JSON or a form, in UTF-8 and without content coding',
}
const UNSUPPORTED: Refusal = {
  code: 'unsupported_media_type',
  message: 'The request body must be JSON, in UTF-8 and without content coding',
}

const TOO_EARLY: Refusal = {
  code: 'too_early',
  message: 'Early data can be replayed; send the request again',
}

const parsers = { json: parseJson, form: parseForm } satisfies Record<MediaType, unknown>

/** Refuses early data: what changes something must not be replayed (RFC 8470 section 5.1: any value counts as 1). */
export function refuseEarlyData({ header }: Exchange): Refusal | undefined {
  return header('early-data') === undefined ? undefined : TOO_EARLY
}

/** Refuses by what needs no byte of the body. */
export function refuseHead(exchange: Exchange, rules: BodyRules): Refusal | undefined {
  const tooLong = refuseLength(exchange.header('content-length'))
  if (tooLong !== undefined) return tooLong
  const inQuery = refuseQuery(rules, splitTarget(exchange.target).query)
  if (inQuery !== undefined) return inQuery
  return typeOf(exchange, rules) === undefined ? unsupported(rules) : undefined
}

/** Reads a body, bounded in size, depth and time. */
export async function readBody(
  exchange: Exchange,
  rules: BodyRules,
  deadline: (seconds: number) => AbortSignal,
): Promise<Outcome<{ readonly text: string; readonly body: unknown }>> {
  const text = await readText(exchange.body, deadline(BODY_DEADLINE))
  if ('refusal' in text) return text
  if (text.value === '' && rules.optional) return { value: { text: '', body: {} } }
  const type = typeOf(exchange, rules)
  if (type === undefined || type === 'nothing') return { refusal: unsupported(rules) }
  const body = parsers[type](text.value)
  return 'refusal' in body ? body : { value: { text: text.value, body: body.value } }
}

/** Refuses a field in the query: it is in the logs of every proxy by now, and two of one name are one too many. */
function refuseQuery({ schema }: BodyRules, query: string): Refusal | undefined {
  if (query === '') return undefined
  const fields = fieldsOf(schema)
  const name = [...new URLSearchParams(query).keys()].find((key) => fields.includes(key))
  return name === undefined ? undefined : badRequest(`${name} must not be in the query`).refusal
}

/** A body may lack a type where there may be no body at all. */
function typeOf({ header }: Exchange, rules: BodyRules): MediaType | 'nothing' | undefined {
  const said = header('content-type')
  if ((header('content-encoding') ?? 'identity').toLowerCase() !== 'identity') return undefined
  if (said === undefined && rules.optional) return 'nothing'
  const type = parseMediaType(said)
  return type === 'form' && !rules.forms ? undefined : type
}

function unsupported({ forms }: BodyRules): Refusal {
  return forms ? UNSUPPORTED_FORMS : UNSUPPORTED
}
