export type { JwtPolicy } from './jwt.ts'
export { jwt } from './jwt.ts'
export type { KeysAt } from './key-place.ts'
export type { OidcPolicy } from './oidc.ts'
export { oidc } from './oidc.ts'
export type {
  AssertionCredential,
  PrivateKeyJwtOptions,
  PrivateKeyJwtPolicy,
} from './private-key-jwt.ts'
export { privateKeyJwt } from './private-key-jwt.ts'
export type { ProfileName } from './profiles/index.ts'
export { PROFILES } from './profiles/index.ts'
export type { Profile, ProfileIssuers } from './profiles/profile.ts'
export type { TokenCredential } from './token-credential.ts'
export type { TokenTrust } from './trust.ts'
