import type { WireMapping } from '@countersign/core/plugin'

/** What `tls` is called on Infisical's wire. Its login has no field: the certificate is that of the connection. */
export const tlsWire: WireMapping = {
  slug: 'tls-cert-auth',
  settings: 'identityTlsCertAuth',
  login: {},
  policy: {
    caCertificate: { to: 'ca', as: 'text' },
    allowedCommonNames: { to: 'commonNames', as: 'patterns' },
    allowedSubjectAltNames: { to: 'subjectAltNames', as: 'list' },
    // Ours, as there is none of it there.
    allowedSpiffeIds: { to: 'spiffeIds', as: 'patterns' },
    allowedOrganizationalUnits: { to: 'organizationalUnits', as: 'patterns' },
    allowedSerialNumbers: { to: 'serialNumbers', as: 'list' },
    allowedKeyFingerprints: { to: 'keyFingerprints', as: 'list' },
    revocationLists: { to: 'revocation.crls', as: 'text' },
    revocationListUrls: { to: 'revocation.crlUrls', as: 'list' },
    ocspUrl: { to: 'revocation.ocsp.url', as: 'text' },
    unknownRevocation: { to: 'revocation.unknown', as: 'text' },
  },
}
