import { isPlainObject, parseStrictJson } from '@countersign/evidence'
import { cleanHeaders, readSignedPost } from './signed-post.ts'
import type { RequestFlaw, RequestRules, SignedRequest } from './signed-request.ts'

/**
 * A signed POST in the one text that clients of Google's workload identity federation exchange: a JSON object of `url`,
 * `method` and `headers`, a list of `{ key, value }`, encoded as a component of a URL.
 */
export interface TokenForm {
  readonly callerIdentityToken: string
}

/** The header that says there whom a request is for. */
export const TARGET_HEADER = 'x-goog-cloud-target-resource'

/** `urn:ietf:params:aws:token-type:aws4_request`, as the type of a subject token (RFC 8693 section 3). */
export const TOKEN_TYPE = 'urn:ietf:params:aws:token-type:aws4_request'

const MEMBERS: readonly string[] = ['url', 'method', 'headers']
const URL_FORM = /^https:\/\/([a-z0-9.-]{1,253})\/?\?([\x21-\x7e]{1,256})$/

/** Says why a text is no such token, in words that continue a sentence about its field. */
export function refuseToken(text: string): string | undefined {
  return parseToken(text) === undefined
    ? 'must be JSON of url, method and headers, each named once, encoded as a component of a URL'
    : undefined
}

/** Reads such a token. What it asks stands in its URL, whose host must be the one that was signed. */
export async function readTokenForm(
  { callerIdentityToken }: TokenForm,
  rules: RequestRules,
): Promise<SignedRequest | RequestFlaw> {
  const { host = '', action = '', headers = new Map() } = parseToken(callerIdentityToken) ?? {}
  if ((headers.get('host') ?? host) !== host) return 'wrong_host'
  const named = new Map([...headers, ['host', host] as const])
  const audienceHeader = TARGET_HEADER
  const post = { headers: named, action, within: 'query' } as const
  const request = await readSignedPost(post, { ...rules, audienceHeader })
  if (typeof request === 'string' || request.namesAudience) return request
  // What these clients name in a header that they do not sign is no audience: anybody may have written it.
  const { audience: claimedTarget, ...rest } = request
  return { ...rest, ...(claimedTarget !== undefined && { claimedTarget }) }
}

interface ParsedToken {
  readonly host: string
  readonly action: string
  readonly headers: ReadonlyMap<string, string>
}

function parseToken(text: string): ParsedToken | undefined {
  const read = parseStrictJson(decode(text))
  if (!isPlainObject(read) || !Object.keys(read).every((name) => MEMBERS.includes(name)))
    return undefined
  const { url, method, headers: list } = read
  const [, host, action] = URL_FORM.exec(typeof url === 'string' ? url : '') ?? []
  const headers = readHeaders(list)
  if (host === undefined || action === undefined || method !== 'POST' || headers === undefined)
    return undefined
  return { host, action, headers }
}

function readHeaders(list: unknown): ReadonlyMap<string, string> | undefined {
  if (!Array.isArray(list)) return undefined
  const entries = list.map(readHeader)
  return entries.every((entry) => entry !== undefined) ? cleanHeaders(entries) : undefined
}

function readHeader(entry: unknown): readonly [string, string] | undefined {
  if (!isPlainObject(entry) || Object.keys(entry).length !== 2) return undefined
  const { key, value } = entry
  return typeof key === 'string' && typeof value === 'string' ? [key, value] : undefined
}

/** Text that is not encoded as it must be is no JSON either. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}
