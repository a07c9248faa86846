import type { FakeAwsCredentials } from '@countersign/testing/fakes'
import { AwsV4Signer } from 'aws4fetch'
import { AUDIENCE, AUDIENCE_HEADER } from './names.ts'

// Requests as a signer makes them that is none of ours (aws4fetch), changed before they are signed, or after.

export const BODY = 'Action=GetCallerIdentity&Version=2011-06-15'
export const REGION = 'eu-west-1'

export interface SignGiven {
  readonly now?: Date
  readonly region?: string
  readonly host?: string
  readonly body?: string
  readonly audience?: string | undefined
  readonly audienceHeader?: string
  /** Signed as well. */
  readonly headers?: Readonly<Record<string, string>>
  /** Put in, or taken out, after the signature was made. */
  readonly after?: Readonly<Record<string, unknown>>
}

/** A POST in the three texts of Infisical's wire. */
export async function signPost(keys: FakeAwsCredentials, given: SignGiven = {}) {
  const { region = REGION, host = `sts.${region}.amazonaws.com` } = given
  const { body = BODY, headers = {}, after = {} } = given
  const signed = await new AwsV4Signer({
    ...keys,
    service: 'sts',
    region,
    datetime: datetimeOf(given),
    method: 'POST',
    url: `https://${host}/`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      ...headers,
      ...audienceOf(given),
    },
    body,
    allHeaders: true,
  }).sign()
  return toCredential({ host, ...Object.fromEntries(signed.headers), ...after }, body)
}

/** A presigned GET. */
export async function presign(
  keys: FakeAwsCredentials,
  { expires = 60, ...given }: SignGiven & { readonly expires?: number } = {},
): Promise<{ readonly presignedUrl: string }> {
  const { region = REGION, host = `sts.${region}.amazonaws.com` } = given
  const query = `Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=${expires}`
  const signed = await new AwsV4Signer({
    ...keys,
    service: 'sts',
    region,
    datetime: datetimeOf(given),
    method: 'GET',
    url: `https://${host}/?${query}`,
    headers: audienceOf(given),
    signQuery: true,
  }).sign()
  return { presignedUrl: signed.url.href }
}

/** A POST without a body, in the one text that clients of Google's workload identity federation make of it. */
export async function signToken(
  keys: FakeAwsCredentials,
  { target, claimed, ...given }: TokenGiven = {},
): Promise<{ readonly callerIdentityToken: string }> {
  const { region = REGION, host = `sts.${region}.amazonaws.com`, body = BODY } = given
  const signed = await new AwsV4Signer({
    ...keys,
    service: 'sts',
    region,
    datetime: datetimeOf(given),
    method: 'POST',
    url: `https://${host}/?${body}`,
    headers: { ...given.headers, ...(target !== undefined && { [TARGET]: target }) },
    allHeaders: true,
  }).sign()
  const loose = claimed === undefined ? {} : { [TARGET]: claimed }
  const headers = { host, ...loose, ...Object.fromEntries(signed.headers), ...given.after }
  return toToken({ url: signed.url.href, method: 'POST', headers })
}

export interface TokenGiven extends SignGiven {
  /** Whom it is for, signed. */
  readonly target?: string
  /** The same, without being signed, as google-auth-library sends it. */
  readonly claimed?: string
}

const TARGET = 'x-goog-cloud-target-resource'

/** Writes a request as clients of Google do; members of `headers` in their order. */
export function toToken({
  headers,
  ...rest
}: {
  readonly url: string
  readonly method: string
  readonly headers: object
}) {
  const list = Object.entries(headers).map(([key, value]) => ({ key, value }))
  return tokenOf(JSON.stringify({ ...rest, headers: list }))
}

/** Encodes whatever JSON. */
export function tokenOf(json: string): { readonly callerIdentityToken: string } {
  return { callerIdentityToken: encodeURIComponent(json) }
}

/** Writes headers and a body as the wire has them. */
export function toCredential(headers: object, body = BODY) {
  return {
    method: 'POST',
    body: Buffer.from(body).toString('base64'),
    headers: Buffer.from(JSON.stringify(headers)).toString('base64'),
  }
}

/** Reads the headers of a credential. */
export function headersOf({ headers }: { readonly headers: string }): Record<string, string> {
  return JSON.parse(Buffer.from(headers, 'base64').toString())
}

function audienceOf(given: SignGiven): Record<string, string> {
  const audience = 'audience' in given ? given.audience : AUDIENCE
  return audience === undefined ? {} : { [given.audienceHeader ?? AUDIENCE_HEADER]: audience }
}

function datetimeOf({ now = new Date() }: SignGiven): string {
  return now.toISOString().replace(/[-:]|\.\d{3}/g, '')
}
