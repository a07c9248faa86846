import type { WiredMethod } from '@countersign/core'
import * as z from 'zod'
import { PUBLIC } from '../routes/keys.ts'
import type { Route } from '../routes/route.ts'
import { GRANTS } from './token-route.ts'

/** What the documents of an issuer are written from. */
export interface Published {
  readonly issuer: string
  /** The URL that the paths of the routes continue. */
  readonly base: string
  readonly methods: readonly WiredMethod[]
}

/** The documents by which clients and services find everything else (RFC 8414, OpenID Connect Discovery, RFC 9728). */
export function metadataRoutes(published: Published): readonly Route[] {
  const server = serverMetadata(published)
  return [
    documentRoute({
      id: 'get-authorization-server',
      path: '/.well-known/oauth-authorization-server',
      summary: 'Says what this authorization server can do, and where (RFC 8414).',
      body: server,
    }),
    documentRoute({
      id: 'get-openid-configuration',
      path: '/.well-known/openid-configuration',
      summary: 'The same document, where clients of OpenID Connect look for it.',
      body: {
        ...server,
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: SIGNING,
      },
    }),
    documentRoute({
      id: 'get-protected-resource',
      path: '/.well-known/oauth-protected-resource',
      summary: 'Says which authorization server grants tokens for this service (RFC 9728).',
      body: resourceMetadata(published),
    }),
  ]
}

interface Document {
  readonly id: string
  readonly path: string
  readonly summary: string
  readonly body: object
}

function documentRoute({ body, ...row }: Document): Route {
  return {
    ...row,
    method: 'GET',
    tag: 'OAuth',
    access: 'open',
    wellKnown: true,
    answer: z.looseObject({}),
    run: async () => ({ value: { body, headers: PUBLIC } }),
  }
}

/** The algorithms of client assertions, as the verifiers of assertions take them. */
const SIGNING: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

function serverMetadata({ issuer, base, methods }: Published): object {
  const takes = (as: string): boolean => methods.some(({ oauth }) => oauth?.as === as)
  const ways = [
    ...(takes('client_secret') ? ['client_secret_basic', 'client_secret_post'] : []),
    ...(takes('client_assertion') ? ['private_key_jwt'] : []),
  ]
  const signing = takes('client_assertion') ? SIGNING : undefined
  return {
    issuer,
    token_endpoint: `${base}/oauth/token`,
    token_endpoint_auth_methods_supported: ways,
    ...(signing && { token_endpoint_auth_signing_alg_values_supported: signing }),
    introspection_endpoint: `${base}/oauth/introspect`,
    introspection_endpoint_auth_methods_supported: ways,
    ...(signing && { introspection_endpoint_auth_signing_alg_values_supported: signing }),
    revocation_endpoint: `${base}/oauth/revoke`,
    revocation_endpoint_auth_methods_supported: [...ways, 'none'],
    ...(signing && { revocation_endpoint_auth_signing_alg_values_supported: signing }),
    jwks_uri: `${base}/.well-known/jwks.json`,
    grant_types_supported: Object.keys(GRANTS),
    // Nobody is sent here by a browser: there is no authorization endpoint.
    response_types_supported: [],
  }
}

function resourceMetadata({ issuer, base }: Published): object {
  return {
    resource: issuer,
    authorization_servers: [issuer],
    jwks_uri: `${base}/.well-known/jwks.json`,
    bearer_methods_supported: ['header'],
  }
}
