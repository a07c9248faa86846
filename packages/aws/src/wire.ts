import type { OAuthMapping, WireMapping } from '@countersign/core/plugin'
import { TOKEN_TYPE } from './token-form.ts'

/** What `aws` takes at a token endpoint: what google-auth-library exchanges for an `external_account`. */
export const awsOAuth: OAuthMapping = {
  as: 'subject_token',
  to: 'callerIdentityToken',
  types: [TOKEN_TYPE],
}

/** What `aws` is called on Infisical's wire. A star there stays within its part of an ARN here. */
export const awsWire: WireMapping = {
  slug: 'aws-auth',
  settings: 'identityAwsAuth',
  login: {
    iamHttpRequestMethod: { to: 'method', as: 'text', optional: true },
    iamRequestBody: { to: 'body', as: 'text', optional: true },
    iamRequestHeaders: { to: 'headers', as: 'text', optional: true },
    // Ours: a presigned URL instead of the three.
    awsPresignedUrl: { to: 'presignedUrl', as: 'text', optional: true },
  },
  policy: {
    stsEndpoint: { to: 'stsEndpoint', as: 'text' },
    allowedPrincipalArns: { to: 'principals', as: 'patterns' },
    allowedAccountIds: { to: 'accounts', as: 'texts' },
  },
}
