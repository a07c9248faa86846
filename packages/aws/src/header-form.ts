import { fromBase64Url, fromUtf8 } from '@countersign/core/plugin'
import { isPlainObject, parseStrictJson } from '@countersign/evidence'
import { cleanHeaders, readSignedPost } from './signed-post.ts'
import type { RequestFlaw, RequestRules, SignedRequest } from './signed-request.ts'

/** A signed POST in three texts, as SDKs of Infisical and Vault send it: body and headers in base64. */
export interface HeaderForm {
  /** `POST`, which is meant where it is absent. */
  readonly method?: string | undefined
  readonly body: string
  readonly headers: string
}

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

/** Reads a signed POST whose body and headers are in base64. */
export async function readHeaderForm(
  { method = 'POST', body, headers: encoded }: HeaderForm,
  rules: RequestRules,
): Promise<SignedRequest | RequestFlaw> {
  const headers = readHeaders(encoded)
  if (method !== 'POST' || headers === undefined) return 'request_malformed'
  return readSignedPost({ headers, action: fromBase64(body) ?? '', within: 'body' }, rules)
}

function readHeaders(encoded: string): ReadonlyMap<string, string> | undefined {
  const json = fromBase64(encoded)
  const read = json === undefined ? undefined : parseStrictJson(json)
  if (!isPlainObject(read)) return undefined
  return cleanHeaders(Object.entries(read).map(([name, value]) => [name, onlyValue(value)]))
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
