export type { AzureCredential, AzureOptions } from './azure.ts'
export { azure } from './azure.ts'
export type { Cloud, TokenVersion } from './cloud.ts'
export type { AzurePolicy } from './policy.ts'
