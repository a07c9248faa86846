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
  },
}
