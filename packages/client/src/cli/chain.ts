/** An event as a sink wrote it, of which only the organization matters here. */
export type TrailEvent = Readonly<Record<string, unknown>>

/** What a checkpoint states (docs: the audit trail). */
export interface Statement {
  readonly org?: string
  readonly index: number
  readonly hash: string
  readonly anchor: { readonly index: number; readonly hash: string }
}

/** Where a chain begins: in front of its first event. */
const START = 'A'.repeat(43)

/** The hashes of a chain, one behind each of its events; the one before the first event stands in front. */
export async function hashesOf(
  events: readonly TrailEvent[],
  from: string = START,
): Promise<readonly string[]> {
  const hashes = [from]
  for (const event of events) hashes.push(await digest(`${hashes.at(-1)}\n${toCanonical(event)}`))
  return hashes
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  const written = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return written.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}

/** The one form of RFC 8785: what was read as JSON has numbers and texts in it already as that wants them. */
function toCanonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(toCanonical).join(',')}]`
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${toCanonical(member)}`).join(',')}}`
}

/** The algorithms that a deployment signs with, as Web Cryptography has them. */
const ALGORITHMS: Readonly<Record<string, Parameters<typeof crypto.subtle.importKey>[2]>> = {
  ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
}

/** Reads a checkpoint that one of the keys signed for this issuer; nothing else is one. */
export async function readCheckpoint(
  jws: string,
  keys: readonly Readonly<Record<string, unknown>>[],
): Promise<Statement | undefined> {
  const [head = '', body = '', signature = ''] = jws.split('.')
  try {
    const { typ, kid, alg } = JSON.parse(decode(head))
    const { key_ops: _ops, use: _use, ...jwk } = keys.find((key) => key['kid'] === kid) ?? {}
    const algorithm = ALGORITHMS[String(alg)]
    if (typ !== 'countersign-checkpoint+jwt' || algorithm === undefined) return undefined
    if (jwk['alg'] !== undefined && jwk['alg'] !== alg) return undefined
    const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify'])
    const signed = new TextEncoder().encode(`${head}.${body}`)
    const isGenuine = await crypto.subtle.verify(algorithm, key, bytesOf(signature), signed)
    return isGenuine ? (JSON.parse(decode(body)) as Statement) : undefined
  } catch {
    return undefined
  }
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (char) => char.charCodeAt(0))

const decode = (text: string): string => new TextDecoder().decode(bytesOf(text))
