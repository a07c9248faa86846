import { fromBase64Url, fromUtf8 } from '@countersign/core/plugin'
import { isPlainObject, parseStrictJson } from '@countersign/evidence'
import { LONGEST_AGE } from './policy.ts'
import type { RequestFlaw, RequestRules, Scope, SignedRequest } from './signed-request.ts'
import { pickHost, readDate, readScope, readSignedHeaders } from './signed-request.ts'

/** A signed POST in three texts, as SDKs of Infisical and Vault send it: body and headers in base64. */
export interface HeaderForm {
  /** `POST`, which is meant where it is absent. */
  readonly method?: string | undefined
  readonly body: string
  readonly headers: string
}

/** The two bodies that are ever sent to STS; the signature covers their order. */
const BODIES: readonly string[] = [
  'Action=GetCallerIdentity&Version=2011-06-15',
  'Version=2011-06-15&Action=GetCallerIdentity',
]

/** Those that signers sign; whatever else is there, signed or not, is refused (CVE-2020-16250). */
const ALLOWED = [
  'authorization',
  'host',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
  'x-amz-user-agent',
  'content-type',
  'content-length',
  'user-agent',
  'amz-sdk-invocation-id',
  'amz-sdk-request',
]
const CONTENT_TYPE = 'application/x-www-form-urlencoded'
const CONTENT_TYPES = /^application\/x-www-form-urlencoded(?:; ?charset=utf-8)?$/i
const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^ ,]{1,256}), ?SignedHeaders=([a-z0-9;-]{1,1024}), ?Signature=([0-9a-f]{64})$/

/** Says whether headers, as they were sent, name one of them twice: then two readers would read two requests. */
export function namesTwice(headers: string): boolean {
  const json = fromBase64(headers)
  if (json === undefined || !isJson(json)) return false
  const read = parseStrictJson(json)
  if (read === undefined) return true
  if (!isPlainObject(read)) return false
  const names = Object.keys(read).map((name) => name.toLowerCase())
  return new Set(names).size < names.length
}

/** Reads a signed POST. The body is one of two, the path is none, and of the headers only those that were signed go on. */
export async function readHeaderForm(
  { method = 'POST', body, headers: encoded }: HeaderForm,
  rules: RequestRules,
): Promise<SignedRequest | RequestFlaw> {
  const headers = readHeaders(encoded)
  if (method !== 'POST' || headers === undefined) return 'request_malformed'
  const action = BODIES.find((known) => known === fromBase64(body))
  if (action === undefined) return 'wrong_action'
  const allowed = [...ALLOWED, rules.audienceHeader]
  if (![...headers.keys()].every((name) => allowed.includes(name))) return 'header_not_allowed'
  const [, credential = '', list = '', signature = ''] =
    AUTHORIZATION.exec(headers.get('authorization') ?? '') ?? []
  const scope = readScope(credential)
  const signed = readSignedHeaders(list)
  if (scope === undefined || signed === undefined) return 'request_malformed'
  const unsigned = refuseUnsigned(headers, signed)
  if (unsigned !== undefined) return unsigned
  const wrong = await refuseContent(headers, action)
  return wrong ?? build({ headers, scope, signed, signature, action }, rules)
}

interface Parts {
  readonly headers: ReadonlyMap<string, string>
  readonly scope: Scope
  readonly signed: ReadonlySet<string>
  readonly signature: string
  readonly action: string
}

function build(
  { headers, scope, signed, signature, action }: Parts,
  rules: RequestRules,
): SignedRequest | RequestFlaw {
  const host = pickHost(headers.get('host'), scope, rules)
  if (typeof host === 'string') return host
  const signedAt = readDate(headers.get('x-amz-date') ?? '', scope)
  if (signedAt === undefined) return 'date_malformed'
  const { audienceHeader } = rules
  const kept = [...signed].filter((name) => name !== 'host')
  const sent = Object.fromEntries(kept.map((name) => [name, headers.get(name) ?? '']))
  return {
    host,
    accessKeyId: scope.accessKeyId,
    signedAt,
    lifetime: LONGEST_AGE,
    namesAudience: signed.has(audienceHeader),
    audience: headers.get(audienceHeader),
    signature,
    sent: {
      method: 'POST',
      path: '/',
      headers: {
        'content-type': CONTENT_TYPE,
        ...sent,
        host: host.host,
        authorization: headers.get('authorization') ?? '',
      },
      body: action,
    },
  }
}

/** What AWS reads must be covered by the signature, and what is covered must be there. */
function refuseUnsigned(
  headers: ReadonlyMap<string, string>,
  signed: ReadonlySet<string>,
): RequestFlaw | undefined {
  const needed = ['host', 'x-amz-date']
  if (!needed.every((name) => signed.has(name))) return 'header_not_signed'
  const loose = [...headers.keys()].some((name) => name.startsWith('x-amz-') && !signed.has(name))
  const absent = [...signed].some((name) => name !== 'host' && !headers.has(name))
  const improper = signed.has('authorization')
  return loose || absent || improper ? 'header_not_signed' : undefined
}

async function refuseContent(
  headers: ReadonlyMap<string, string>,
  action: string,
): Promise<RequestFlaw | undefined> {
  const type = headers.get('content-type') ?? CONTENT_TYPE
  const length = headers.get('content-length') ?? String(action.length)
  const digest = headers.get('x-amz-content-sha256')
  if (!CONTENT_TYPES.test(type) || length !== String(action.length)) return 'wrong_content'
  return digest === undefined || digest === (await sha256Hex(action)) ? undefined : 'wrong_content'
}

async function sha256Hex(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const MOST_HEADERS = 32

/** Names in lower case; values as they may stand in a request, and nothing that could end one. */
function readHeaders(encoded: string): ReadonlyMap<string, string> | undefined {
  const json = fromBase64(encoded)
  const read = json === undefined ? undefined : parseStrictJson(json)
  if (!isPlainObject(read)) return undefined
  const entries = Object.entries(read).map(
    ([name, value]) => [name.toLowerCase(), onlyValue(value)] as const,
  )
  const isClean = entries.every(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && /^[\x20-\x7e]{1,4096}$/.test(entry[1]),
  )
  if (!isClean || entries.length > MOST_HEADERS) return undefined
  return new Map(entries as readonly (readonly [string, string])[])
}

/** Vault's clients send each value in a list of one; some send a length as a number. */
function onlyValue(value: unknown): string | undefined {
  const one: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (Number.isSafeInteger(one)) return String(one)
  return typeof one === 'string' ? one : undefined
}

/** Base64 as SDKs write it, or its form for URLs; anything else is no text. */
function fromBase64(text: string): string | undefined {
  const plain = text
    .replace(/={1,2}$/, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
  const bytes = fromBase64Url(plain)
  return bytes === undefined ? undefined : fromUtf8(bytes)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
