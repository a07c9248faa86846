// For services that check tokens of a deployment without its storage.

export type { CountersignErrorOptions, ErrorCode } from './errors.ts'
export { CountersignError, isCountersignError } from './errors.ts'
export type { JsonWebKey } from './lib/signing-key.ts'
export type { TokenVerifier, VerifiedToken, VerifierOptions } from './verifier/token-verifier.ts'
export { createVerifier } from './verifier/token-verifier.ts'
