export type { KeyPlaces } from './appraisal.ts'
export type { GcpCredential, GcpOptions } from './gcp.ts'
export { gcp } from './gcp.ts'
export type { GcpPolicy } from './policy.ts'
