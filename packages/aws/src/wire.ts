import type { WireMapping } from '@countersign/core/plugin'

/** What `aws` is called on Infisical's wire. A star there stays within its part of an ARN here. */
export const awsWire: WireMapping = {
  slug: 'aws-auth',
  settings: 'identityAwsAuth',
  login: {
    iamHttpRequestMethod: { to: 'method', as: 'text' },
    iamRequestBody: { to: 'body', as: 'text' },
    iamRequestHeaders: { to: 'headers', as: 'text' },
  },
  policy: {
    stsEndpoint: { to: 'stsEndpoint', as: 'text' },
    allowedPrincipalArns: { to: 'principals', as: 'patterns' },
    allowedAccountIds: { to: 'accounts', as: 'texts' },
  },
}
