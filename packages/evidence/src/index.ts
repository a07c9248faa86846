export type { Checklist, Shown } from './checklist.ts'
export { createChecklist, instant, plain, unproved } from './checklist.ts'
export type { AttestedClaims } from './claims/attested-claims.ts'
export { attest, attestedClaims } from './claims/attested-claims.ts'
export type { ClaimPolicy } from './claims/check-claims.ts'
export { checkClaims } from './claims/check-claims.ts'
export type { ClaimPath } from './claims/claim-path.ts'
export { claimAt, refuseClaimPath } from './claims/claim-path.ts'
export type { ClaimRule, ClaimRules, ClaimValue } from './claims/claim-rule.ts'
export {
  CLAIM_SEPARATORS,
  claimRule,
  claimRules,
  constrains,
  describeRule,
  isExact,
  satisfies,
  subjectRule,
} from './claims/claim-rule.ts'
export type { JwtCheck } from './jwt/check-jwt.ts'
export { checkJwt } from './jwt/check-jwt.ts'
export type { JwtProfile } from './jwt/jwt-profile.ts'
export { LEEWAY, MOST_AGE, USUAL_TYPES } from './jwt/jwt-profile.ts'
export type { Claims, JwtFlaw, ReadJwt } from './jwt/read-jwt.ts'
export { LONGEST_JWT, readJwt } from './jwt/read-jwt.ts'
export type { Marking, Replay } from './jwt/replay.ts'
export { chargeOnce } from './jwt/replay.ts'
export { parseStrictJson } from './jwt/strict-json.ts'
export type { JwtAlgorithm } from './keys/algorithms.ts'
export { isJwtAlgorithm, JWT_ALGORITHMS, USUAL_ALGORITHMS } from './keys/algorithms.ts'
export { COOLDOWN, FAILURE_COOLDOWN } from './keys/key-fetcher.ts'
export type { KeyRefusal, KeySet, KeyWanted } from './keys/key-set.ts'
export { pickKey, readKeySet } from './keys/key-set.ts'
export type { KeySource, KeyStores } from './keys/key-stores.ts'
export { createKeyStores } from './keys/key-stores.ts'
export type { Jwk, PublicKey } from './keys/public-key.ts'
export { readPem, refuseJwk, toPublicKey } from './keys/public-key.ts'
export type { KeyPlace } from './keys/remote-document.ts'
export { discoveryUrlOf } from './keys/remote-document.ts'
export type { FindKey, FoundKey, KeyMoment } from './keys/remote-keys.ts'
export { createRemoteKeys, STALE_LIMIT } from './keys/remote-keys.ts'
export type { InlineKeySet, StaticKey } from './keys/static-keys.ts'
export { inlineKeySet, staticKey, toKeySet } from './keys/static-keys.ts'
export type { CompiledEgress, Egress } from './outbound/egress.ts'
export { compileEgress, hostOf } from './outbound/egress.ts'
export { LANES } from './outbound/lanes.ts'
export type { Answer, Dial, Network, OutboundReason } from './outbound/network.ts'
export { OutboundError } from './outbound/network.ts'
export type { Outbound, OutboundOptions, Question } from './outbound/outbound.ts'
export { createOutbound, readJson } from './outbound/outbound.ts'
export { systemNetwork } from './outbound/system-network.ts'
export type { Members, OptionalSchema, Refuse } from './schema.ts'
export {
  chosen,
  isPlainObject,
  issue,
  listOf,
  literal,
  objectOf,
  optional,
  recordOf,
  refined,
  schemaFrom,
  text,
  whole,
} from './schema.ts'
