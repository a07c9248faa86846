import type { WireMapping } from '@countersign/core/plugin'

/** What `kubernetes` is called on Infisical's wire. Its two lists stay two lists: every name in every namespace. */
export const kubernetesWire: WireMapping = {
  slug: 'kubernetes-auth',
  settings: 'identityKubernetesAuth',
  login: { jwt: { to: 'token', as: 'text' } },
  policy: {
    kubernetesHost: { to: 'host', as: 'text' },
    caCert: { to: 'ca', as: 'text' },
    tokenReviewerJwt: { to: 'reviewerToken', as: 'text' },
    allowedNamespaces: { to: 'namespaces', as: 'patterns' },
    allowedNames: { to: 'names', as: 'patterns' },
    allowedAudience: { to: 'audiences', as: 'texts' },
  },
}
