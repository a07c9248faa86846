import type { WireMapping } from '@countersign/core/plugin'

/** What `gcp` is called on Infisical's wire. */
export const gcpWire: WireMapping = {
  slug: 'gcp-auth',
  settings: 'identityGcpAuth',
  login: { jwt: { to: 'token', as: 'text' } },
  policy: {
    type: { to: 'type', as: 'text' },
    allowedServiceAccounts: { to: 'serviceAccounts', as: 'texts' },
    allowedProjects: { to: 'projects', as: 'texts' },
    allowedZones: { to: 'zones', as: 'texts' },
  },
}
