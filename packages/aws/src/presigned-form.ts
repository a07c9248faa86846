import type { RequestFlaw, RequestRules, Scope, SignedRequest } from './signed-request.ts'
import { pickHost, readDate, readScope, readSignedHeaders } from './signed-request.ts'

/** The members of a presigned URL, in lower case, and how each is written. */
const NAMES: Readonly<Record<string, string>> = {
  action: 'Action',
  version: 'Version',
  'x-amz-algorithm': 'X-Amz-Algorithm',
  'x-amz-credential': 'X-Amz-Credential',
  'x-amz-date': 'X-Amz-Date',
  'x-amz-expires': 'X-Amz-Expires',
  'x-amz-security-token': 'X-Amz-Security-Token',
  'x-amz-signature': 'X-Amz-Signature',
  'x-amz-signedheaders': 'X-Amz-SignedHeaders',
}

const URL_FORM = /^https:\/\/([a-z0-9.-]{1,253})\/?\?([\x21-\x7e]{1,8192})$/

/**
 * Reads a presigned GET. The URL is written anew out of what was read; the audience is not in it, so that the verifier's
 * own is sent: what was signed for somebody else fails at STS.
 */
export function readPresignedForm(url: string, rules: RequestRules): SignedRequest | RequestFlaw {
  const [, named = '', text = ''] = URL_FORM.exec(url) ?? []
  const query = readQuery(text)
  if (query === undefined) return 'request_malformed'
  const get = (name: string): string => query.get(name) ?? ''
  if (get('action') !== 'GetCallerIdentity' || get('version') !== '2011-06-15')
    return 'wrong_action'
  const scope = readScope(get('x-amz-credential'))
  const signed = readSignedHeaders(get('x-amz-signedheaders'))
  const signature = get('x-amz-signature')
  const isWhole = get('x-amz-algorithm') === 'AWS4-HMAC-SHA256' && /^[0-9a-f]{64}$/.test(signature)
  if (scope === undefined || signed === undefined || !isWhole) return 'request_malformed'
  const { audienceHeader } = rules
  if (!signed.has('host')) return 'header_not_signed'
  if (![...signed].every((name) => name === 'host' || name === audienceHeader))
    return 'header_not_allowed'
  return build({ named, query, scope, signed, signature }, rules)
}

interface Parts {
  readonly named: string
  readonly query: ReadonlyMap<string, string>
  readonly scope: Scope
  readonly signed: ReadonlySet<string>
  readonly signature: string
}

function build(
  { named, query, scope, signed, signature }: Parts,
  rules: RequestRules,
): SignedRequest | RequestFlaw {
  const host = pickHost(named, scope, rules)
  if (typeof host === 'string') return host
  const signedAt = readDate(query.get('x-amz-date') ?? '', scope)
  const lifetime = query.get('x-amz-expires') ?? ''
  if (signedAt === undefined || !/^[1-9]\d{0,2}$/.test(lifetime)) return 'date_malformed'
  const { audienceHeader, audience } = rules
  const namesAudience = signed.has(audienceHeader)
  const headers = { host: host.host, ...(namesAudience && { [audienceHeader]: audience }) }
  const sent = { method: 'GET' as const, path: `/?${writeQuery(query)}`, headers }
  const { accessKeyId } = scope
  const common = { host, accessKeyId, signedAt, signature, sent }
  return { ...common, lifetime: Number(lifetime), namesAudience }
}

/** Reads a query whose members are all known, and of which none is there twice in whatever case (CVE-2022-2385). */
function readQuery(text: string): ReadonlyMap<string, string> | undefined {
  const query = new Map<string, string>()
  for (const member of text.split('&')) {
    const [name = '', value = '', ...more] = member.split('=')
    const known = name.toLowerCase()
    if (more.length > 0 || !Object.hasOwn(NAMES, known) || query.has(known)) return undefined
    const decoded = decode(value)
    if (decoded === undefined) return undefined
    query.set(known, decoded)
  }
  return query
}

/** A plus is a blank to some and itself to others; signers write neither. */
function decode(value: string): string | undefined {
  if (value.includes('+')) return undefined
  try {
    const decoded = decodeURIComponent(value)
    return /^[\x21-\x7e]{1,4096}$/.test(decoded) ? decoded : undefined
  } catch {
    return undefined
  }
}

function writeQuery(query: ReadonlyMap<string, string>): string {
  return [...query]
    .map(([name, value]) => `${NAMES[name]}=${encode(value)}`)
    .sort()
    .join('&')
}

/** RFC 3986, 2.3: all but the unreserved characters, as Signature Version 4 writes them. */
function encode(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
