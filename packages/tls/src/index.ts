export type { AllowedNames, NamePattern } from './names.ts'
export type { RevocationPolicy, TlsPolicy } from './policy.ts'
export type { TlsCredential } from './tls.ts'
export { tls } from './tls.ts'
