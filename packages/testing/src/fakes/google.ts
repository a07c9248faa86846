import type { IncomingMessage } from 'node:http'
import { systemClock, toEpochSeconds } from '@countersign/core/plugin'
import type { FakeAnswer, FakeServer } from './server.ts'
import { answerWith, startServer } from './server.ts'
import type { FakeKey } from './signing.ts'
import { fakeKey, signJwt } from './signing.ts'

/** Google on loopback: its keys, those of one service account, and the metadata server of one instance. */
export interface FakeGoogle extends FakeServer {
  /** Where the key set of its own tokens is. */
  readonly keysUrl: string
  /** The folder of the key sets of service accounts. */
  readonly accountKeysUrl: string
  /** What `GCE_METADATA_HOST` is for Google's own libraries. */
  readonly metadataHost: string
  readonly email: string
  readonly subject: string
  readonly key: FakeKey
  readonly accountKey: FakeKey
  /** Signs an identity token (`format=full`, one hour), with what the claims say instead. */
  readonly identityToken: (claims?: Readonly<Record<string, unknown>>, key?: FakeKey) => string
  /** Signs a JWT as the service account does, for fifteen minutes. */
  readonly accountToken: (claims?: Readonly<Record<string, unknown>>, key?: FakeKey) => string
}

const CERTS = '/oauth2/v3/certs'
const ACCOUNTS = '/service_accounts/v1/jwk'
const METADATA = '/computeMetadata/v1/instance/service-accounts/default/identity'
const EMAIL = 'api@acme-prod.iam.gserviceaccount.com'
const SUBJECT = '104000000000000000042'

const INSTANCE = {
  instance_creation_timestamp: 1_767_225_600,
  instance_id: '7000000000000000042',
  instance_name: 'api-1',
  project_id: 'acme-prod',
  project_number: 420_000_000_042,
  zone: 'europe-west1-b',
}

/** Starts it. The metadata server refuses whoever does not send `Metadata-Flavor: Google`, as the real one does. */
export async function fakeGoogle({
  now = systemClock,
}: {
  readonly now?: () => Date
} = {}): Promise<FakeGoogle> {
  const key = fakeKey('RS256')
  const accountKey = fakeKey('RS256')

  function signed(by: FakeKey, claims: object): string {
    return signJwt(by, { alg: by.algorithm, kid: by.kid, typ: 'JWT' }, claims)
  }
  const identityToken: FakeGoogle['identityToken'] = (claims = {}, by = key) => {
    const iat = toEpochSeconds(now())
    const who = { azp: SUBJECT, email: EMAIL, email_verified: true, sub: SUBJECT }
    const usual = { iss: 'https://accounts.google.com', ...who, iat, exp: iat + 3600 }
    return signed(by, { ...usual, google: { compute_engine: INSTANCE }, ...claims })
  }
  const server = await startServer((request, response) =>
    answerWith(response, answerOf(request, { key, accountKey, identityToken })),
  )
  return Object.freeze<FakeGoogle>({
    ...server,
    keysUrl: `${server.url}${CERTS}`,
    accountKeysUrl: `${server.url}${ACCOUNTS}`,
    metadataHost: server.url.replace('http://', ''),
    email: EMAIL,
    subject: SUBJECT,
    key,
    accountKey,
    identityToken,
    accountToken(claims = {}, by = accountKey) {
      const iat = toEpochSeconds(now())
      return signed(by, { iss: EMAIL, sub: EMAIL, iat, exp: iat + 900, ...claims })
    },
  })
}

function answerOf(
  request: IncomingMessage,
  given: Pick<FakeGoogle, 'key' | 'accountKey' | 'identityToken'>,
): FakeAnswer {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://metadata.google.internal')
  if (pathname === CERTS) return json({ keys: [given.key.jwk] })
  if (pathname === `${ACCOUNTS}/${encodeURIComponent(EMAIL)}`)
    return json({ keys: [given.accountKey.jwk] })
  if (!pathname.startsWith('/computeMetadata/')) return { status: 404, body: '{}' }
  if (request.headers['metadata-flavor'] !== 'Google') return { status: 403, body: 'Forbidden' }
  const headers = { 'metadata-flavor': 'Google', 'content-type': 'text/html' }
  if (pathname !== METADATA) return { status: 200, body: '', headers }
  const aud = searchParams.get('audience')
  if (aud === null) return { status: 400, body: 'non-empty audience parameter required', headers }
  const isFull = searchParams.get('format') === 'full'
  const body = given.identityToken({ aud, ...(!isFull && { google: undefined }) })
  return { status: 200, body, headers }
}

function json(body: object): FakeAnswer {
  return { status: 200, body: JSON.stringify(body) }
}
