import type { IncomingMessage } from 'node:http'
import { systemClock, toEpochSeconds } from '@countersign/core/plugin'
import type { FakeAnswer, FakeServer } from './server.ts'
import { answerWith, startServer } from './server.ts'
import type { FakeKey } from './signing.ts'
import { fakeKey, signJwt } from './signing.ts'

/** Azure on loopback: discovery and keys of one tenant, IMDS, and the identity endpoint of App Service. */
export interface FakeAzure extends FakeServer {
  readonly tenant: string
  /** The object id of its managed identity. */
  readonly oid: string
  readonly subscription: string
  readonly key: FakeKey
  /** What `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` are for Azure's own libraries. */
  readonly identityEndpoint: string
  readonly identityHeader: string
  /** Signs a v1 token of the managed identity of a virtual machine, with what the claims say instead. */
  readonly sign: (claims?: Readonly<Record<string, unknown>>, key?: FakeKey) => string
  /** What a v2 token says instead. */
  readonly v2: Readonly<Record<string, unknown>>
}

const TENANT = '11111111-1111-4111-8111-111111111111'
const OID = '2222abcd-2222-4222-8222-22222222abcd'
const APP = '33333333-3333-4333-8333-333333333333'
const SUBSCRIPTION = '44444444-4444-4444-8444-444444444444'
const IDENTITY_HEADER = 'a-secret-of-the-app'
const V1 = `https://sts.windows.net/${TENANT}/`
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`
const MIRID = `/subscriptions/${SUBSCRIPTION}/resourcegroups/prod/providers/Microsoft.Compute/virtualMachines/api-1`

/** Starts it. IMDS refuses whoever does not send `Metadata: true`, App Service whoever lacks the secret header. */
export async function fakeAzure({
  now = systemClock,
}: {
  readonly now?: () => Date
} = {}): Promise<FakeAzure> {
  const key = fakeKey('RS256')
  const sign: FakeAzure['sign'] = (claims = {}, by = key) => {
    const iat = toEpochSeconds(now())
    const times = { iat, nbf: iat, exp: iat + 86_400 }
    const app = { appid: APP, appidacr: '2', idtyp: 'app', oid: OID, sub: OID }
    const usual = { iss: V1, tid: TENANT, ver: '1.0', xms_mirid: MIRID, ...app, ...times }
    const header = { typ: 'JWT', alg: by.algorithm, x5t: by.kid, kid: by.kid }
    return signJwt(by, header, { ...usual, ...claims })
  }
  const server: FakeServer = await startServer((request, response) =>
    answerWith(response, answerOf(request, { key, sign, url: server.url, now })),
  )
  return Object.freeze<FakeAzure>({
    ...server,
    tenant: TENANT,
    oid: OID,
    subscription: SUBSCRIPTION,
    key,
    identityEndpoint: `${server.url}/msi/token`,
    identityHeader: IDENTITY_HEADER,
    sign,
    v2: { iss: V2, ver: '2.0', azp: APP, azpacr: '2', appid: undefined, appidacr: undefined },
  })
}

interface Given extends Pick<FakeAzure, 'key' | 'sign' | 'url'> {
  readonly now: () => Date
}

function answerOf(request: IncomingMessage, given: Given): FakeAnswer {
  const { pathname, searchParams } = new URL(request.url ?? '/', given.url)
  const document = documentsOf(given)[pathname]
  if (document !== undefined) return { status: 200, body: JSON.stringify(document) }
  if (pathname !== '/msi/token' && pathname !== '/metadata/identity/oauth2/token')
    return { status: 404, body: '{}' }
  const { metadata, 'x-identity-header': secret } = request.headers
  const isAdmitted = pathname === '/msi/token' ? secret === IDENTITY_HEADER : metadata === 'true'
  const resource = searchParams.get('resource')
  if (!isAdmitted || resource === null) return { status: 400, body: '{"error":"invalid_request"}' }
  const access_token = given.sign({ aud: resource })
  const expires_on = String(toEpochSeconds(given.now()) + 86_400)
  const body = JSON.stringify({ access_token, expires_on, resource, token_type: 'Bearer' })
  return { status: 200, body }
}

function documentsOf({ key, url }: Given): Readonly<Record<string, object>> {
  const keys = { keys: [key.jwk] }
  const at = `/${TENANT}`
  return {
    [`${at}/discovery/keys`]: keys,
    [`${at}/discovery/v2.0/keys`]: keys,
    [`${at}/.well-known/openid-configuration`]: {
      issuer: V1,
      jwks_uri: `${url}${at}/discovery/keys`,
    },
    [`${at}/v2.0/.well-known/openid-configuration`]: {
      issuer: V2,
      jwks_uri: `${url}${at}/discovery/v2.0/keys`,
    },
  }
}
