// For services that check tokens of a deployment without its storage.

export type { CountersignErrorOptions, ErrorCode } from './errors.ts'
export { CountersignError, isCountersignError } from './errors.ts'
export type { JsonWebKey } from './lib/signing-key.ts'
export type {
  CertifiedPeer,
  CertifiedSocket,
  ClientCertificate,
} from './model/client-certificate.ts'
export { certificateOf, unsafeClientCertificate } from './model/client-certificate.ts'
export type { Confirmation, Proof } from './model/confirmation.ts'
export type {
  ShownBeside,
  TokenVerifier,
  VerifiedToken,
  VerifierOptions,
} from './verifier/token-verifier.ts'
export { createVerifier } from './verifier/token-verifier.ts'
