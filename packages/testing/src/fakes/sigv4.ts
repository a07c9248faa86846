import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

// Signature Version 4, from the side of the service: written from AWS's description, and sharing nothing with any signer.

/** What a request says of its signature, and where it was found. */
export interface Signed {
  readonly accessKeyId: string
  readonly day: string
  readonly region: string
  readonly service: string
  readonly date: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  /** Seconds, of a presigned URL. */
  readonly expires: number | undefined
  readonly securityToken: string | undefined
}

/** A request as a service received it. */
export interface Received {
  readonly method: string
  /** The path with its query, as it was written. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

/** Reads the signature of a request, out of its header or its query; `undefined` where there is none. */
export function readSigned({ target, headers }: Received): Signed | undefined {
  const query = new URLSearchParams(target.split('?')[1] ?? '')
  const algorithm = query.get('X-Amz-Algorithm')
  const parts =
    algorithm === null ? fromHeader(headers['authorization'] ?? '') : fromQuery(query, algorithm)
  if (parts === undefined) return undefined
  const [accessKeyId, day, region, service, end, ...more] = parts.credential.split('/')
  if (!accessKeyId || !day || !region || !service || end !== 'aws4_request' || more.length > 0)
    return undefined
  const isPresigned = algorithm !== null
  return {
    accessKeyId,
    day,
    region,
    service,
    date: (isPresigned ? query.get('X-Amz-Date') : headers['x-amz-date']) ?? '',
    signedHeaders: parts.signedHeaders.split(';'),
    signature: parts.signature,
    expires: isPresigned ? Number(query.get('X-Amz-Expires') ?? 0) : undefined,
    securityToken:
      (isPresigned ? query.get('X-Amz-Security-Token') : headers['x-amz-security-token']) ??
      undefined,
  }
}

interface Parts {
  readonly credential: string
  readonly signedHeaders: string
  readonly signature: string
}

function fromHeader(authorization: string): Parts | undefined {
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)$/.exec(
      authorization,
    )
  const [, credential, signedHeaders, signature] = found ?? []
  if (!credential || !signedHeaders || !signature) return undefined
  return { credential, signedHeaders, signature }
}

function fromQuery(query: URLSearchParams, algorithm: string): Parts | undefined {
  const [credential, signedHeaders, signature] = ['Credential', 'SignedHeaders', 'Signature'].map(
    (name) => query.get(`X-Amz-${name}`),
  )
  if (algorithm !== 'AWS4-HMAC-SHA256' || !credential || !signedHeaders || !signature)
    return undefined
  return { credential, signedHeaders, signature }
}

/** The canonical request (Signature Version 4, step 1). */
export function canonicalRequest(
  { method, target, headers, body }: Received,
  signedHeaders: readonly string[],
): string {
  const [path = '/', query = ''] = target.split('?')
  const members = [...new URLSearchParams(query)]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
  const lines = signedHeaders.map(
    (name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`,
  )
  const hash = createHash('sha256').update(body).digest('hex')
  return [method, path, members.join('&'), lines.join(''), signedHeaders.join(';'), hash].join('\n')
}

/** The signature of a canonical request (steps 2 to 4), in hexadecimal digits. */
export function signatureOf(
  canonical: string,
  { day, region, service, date }: Pick<Signed, 'day' | 'region' | 'service' | 'date'>,
  secretAccessKey: string,
): string {
  const digest = createHash('sha256').update(canonical).digest('hex')
  const scope = `${day}/${region}/${service}/aws4_request`
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${secretAccessKey}`,
  )
  return createHmac('sha256', key)
    .update(['AWS4-HMAC-SHA256', date, scope, digest].join('\n'))
    .digest('hex')
}

/** Whether a request was signed with this key. */
export function isSignedBy(received: Received, signed: Signed, secretAccessKey: string): boolean {
  const canonical = canonicalRequest(received, signed.signedHeaders)
  const expected = Buffer.from(signatureOf(canonical, signed, secretAccessKey))
  const presented = Buffer.from(signed.signature)
  return expected.length === presented.length && timingSafeEqual(expected, presented)
}

/** RFC 3986, 2.3. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
