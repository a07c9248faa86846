import type { WireMapping } from '@countersign/core/plugin'

/** What `azure` is called on Infisical's wire. */
export const azureWire: WireMapping = {
  slug: 'azure-auth',
  settings: 'identityAzureAuth',
  login: { jwt: { to: 'token', as: 'text' } },
  policy: {
    tenantId: { to: 'tenant', as: 'text' },
    resource: { to: 'audiences', as: 'texts' },
    allowedServicePrincipalIds: { to: 'servicePrincipals', as: 'texts' },
  },
}
