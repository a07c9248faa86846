import type { WireField, WireMapping } from '@countersign/core/plugin'

const text = (to: string): WireField => ({ to, as: 'text' })

const shared: Readonly<Record<string, WireField>> = {
  boundIssuer: text('issuer'),
  boundAudiences: { to: 'audiences', as: 'texts' },
  boundSubject: { to: 'subject', as: 'rule' },
  boundClaims: { to: 'claims', as: 'claims' },
  // Ours: `off`, `jti` or `signature`.
  replayProtection: text('replay'),
}

/** What `oidc` is called on Infisical's wire. */
export const oidcWire: WireMapping = {
  slug: 'oidc-auth',
  settings: 'identityOidcAuth',
  login: { jwt: text('token') },
  policy: {
    ...shared,
    oidcDiscoveryUrl: text('discoveryUrl'),
    caCert: text('ca'),
    claimMetadataMapping: { to: 'attest', as: 'paths' },
  },
}

/** What `jwt` is called on Infisical's wire. */
export const jwtWire: WireMapping = {
  slug: 'jwt-auth',
  settings: 'identityJwtAuth',
  login: { jwt: text('token') },
  policy: {
    ...shared,
    jwksUrl: text('jwksUrl'),
    jwksCaCert: text('ca'),
    publicKeys: { to: 'keys', as: 'keys' },
  },
}

/** What `private-key-jwt` is called beside them: Infisical has no such method, so the names are ours. */
export const privateKeyJwtWire: WireMapping = {
  slug: 'private-key-jwt-auth',
  settings: 'identityPrivateKeyJwtAuth',
  login: { assertion: text('assertion') },
  policy: {
    jwksUrl: text('jwksUrl'),
    jwksCaCert: text('ca'),
    publicKeys: { to: 'keys', as: 'keys' },
  },
}
