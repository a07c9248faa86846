export type { Patience } from './attempts.ts'
export type { AutoOptions, Detected, Surroundings } from './auto.ts'
export { detect } from './auto.ts'
export type { Client, ClientOptions } from './client.ts'
export { createClient } from './client.ts'
export type { ClientErrorCode, ClientErrorOptions } from './client-error.ts'
export { ClientError, isClientError } from './client-error.ts'
export type { ClientEvent, OnClientEvent } from './events.ts'
export type { ClientRuntime } from './runtime.ts'
export type { AwsCredentials } from './sigv4.ts'
export type {
  LoginRequest,
  LoginSource,
  Provided,
  Source,
  SourceContext,
  TokenSource,
} from './source.ts'
export type { AssertionOptions } from './sources/assertion.ts'
export { jwt, oidc } from './sources/assertion.ts'
export type { AwsOptions } from './sources/aws.ts'
export { aws } from './sources/aws.ts'
export type { AwsCredentialPlaces } from './sources/aws-credentials.ts'
export { awsCredentials } from './sources/aws-credentials.ts'
export type { AzureOptions, AzureWorkloadOptions } from './sources/azure.ts'
export { azure, azureWorkload } from './sources/azure.ts'
export type { GcpOptions } from './sources/gcp.ts'
export { gcp } from './sources/gcp.ts'
export type { GithubActionsOptions } from './sources/github-actions.ts'
export { githubActions } from './sources/github-actions.ts'
export type { KubernetesOptions } from './sources/kubernetes.ts'
export { kubernetes, SERVICE_ACCOUNT_TOKEN } from './sources/kubernetes.ts'
export type { LdapOptions } from './sources/ldap.ts'
export { ldap } from './sources/ldap.ts'
export { staticToken } from './sources/static-token.ts'
export type { UniversalOptions } from './sources/universal.ts'
export { universal } from './sources/universal.ts'
