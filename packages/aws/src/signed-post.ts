import { LONGEST_AGE } from './policy.ts'
import type { RequestFlaw, RequestRules, Scope, SignedRequest } from './signed-request.ts'
import { pickHost, readDate, readScope, readSignedHeaders } from './signed-request.ts'

/** A signed POST whose texts were read; nothing of it is believed yet. */
export interface SignedPost {
  /** Names in lower case, as `cleanHeaders` answers them. */
  readonly headers: ReadonlyMap<string, string>
  /** What is asked, which stands in the body, or in the query beside an empty body. */
  readonly action: string
  readonly within: 'body' | 'query'
}

/** The two things that are ever asked of STS; the signature covers their order. */
const ACTIONS: readonly string[] = [
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

const MOST_HEADERS = 32

/** Names in lower case, each once; values as they may stand in a request, and nothing that could end one. */
export function cleanHeaders(
  entries: readonly (readonly [name: string, value: string | undefined])[],
): ReadonlyMap<string, string> | undefined {
  const isClean = entries.every(
    (entry): entry is readonly [string, string] =>
      entry[1] !== undefined && /^[\x20-\x7e]{1,4096}$/.test(entry[1]),
  )
  if (!isClean || entries.length > MOST_HEADERS) return undefined
  const headers = new Map(entries.map(([name, value = '']) => [name.toLowerCase(), value]))
  return headers.size === entries.length ? headers : undefined
}

/** Reads a signed POST. What it asks is one of two, the path is none, and of the headers only those that were signed go on. */
export async function readSignedPost(
  { headers, action: asked, within }: SignedPost,
  rules: RequestRules,
): Promise<SignedRequest | RequestFlaw> {
  const action = ACTIONS.find((known) => known === asked)
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
  const [body, query] = within === 'body' ? [action, ''] : ['', `?${action}`]
  const wrong = await refuseContent(headers, body)
  return wrong ?? build({ headers, scope, signed, signature, body, query }, rules)
}

interface Parts {
  readonly headers: ReadonlyMap<string, string>
  readonly scope: Scope
  readonly signed: ReadonlySet<string>
  readonly signature: string
  readonly body: string
  readonly query: string
}

function build(
  { headers, scope, signed, signature, body, query }: Parts,
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
      path: `/${query}`,
      headers: {
        ...(body !== '' && { 'content-type': CONTENT_TYPE }),
        ...sent,
        host: host.host,
        authorization: headers.get('authorization') ?? '',
      },
      body,
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
  body: string,
): Promise<RequestFlaw | undefined> {
  const type = headers.get('content-type') ?? CONTENT_TYPE
  const length = headers.get('content-length') ?? String(body.length)
  const digest = headers.get('x-amz-content-sha256')
  if (!CONTENT_TYPES.test(type) || length !== String(body.length)) return 'wrong_content'
  return digest === undefined || digest === (await sha256Hex(body)) ? undefined : 'wrong_content'
}

async function sha256Hex(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
