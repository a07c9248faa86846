// What the author of a storage, a verifier, a signer, a sink or a channel builds on; our own stand on nothing else.

export type { JsonWebKey, MaybePromise, SigningAlgorithm } from './crypto/types.ts'
export type { CountersignErrorOptions, ErrorCode } from './errors.ts'
export {
  CountersignError,
  conflict,
  invalidRequest,
  isCountersignError,
  notFound,
  unavailable,
} from './errors.ts'
export type { Address, AddressMatcher, Network } from './lib/address.ts'
export {
  compileNetworks,
  formatAddress,
  formatNetwork,
  parseAddress,
  parseNetwork,
  sourceNetworkOf,
} from './lib/address.ts'
export { concatBytes, fromBase64Url, fromUtf8, toBase64Url, toUtf8 } from './lib/bytes.ts'
export { toCanonicalJson } from './lib/canonical-json.ts'
export type { GlobMatcher } from './lib/glob.ts'
export { compileGlob, refuseGlob } from './lib/glob.ts'
export type { Random } from './lib/ids.ts'
export { isMintedId, mintId } from './lib/ids.ts'
export type { ParsedJwt } from './lib/jwt.ts'
export { hasJwtForm, parseJwt } from './lib/jwt.ts'
export { joinWithLengths } from './lib/lengths.ts'
export { macOf } from './lib/mac.ts'
export type { Parsed, SchemaIssue, SchemaOf, SchemaResult } from './lib/schema.ts'
export { parseWith } from './lib/schema.ts'
export type { SecretForm } from './lib/secret.ts'
export { hasSecretForm, mintSecret } from './lib/secret.ts'
export type { Seconds } from './lib/time.ts'
export {
  days,
  earliest,
  fromEpochSeconds,
  hours,
  later,
  minutes,
  secondsUntil,
  toEpochSeconds,
} from './lib/time.ts'
export type { TokenClaims, TokenStanding } from './model/access-token.ts'
export { refuseStanding } from './model/access-token.ts'
export type { Actor } from './model/actor.ts'
export type { Attestation, Charge } from './model/attestation.ts'
export type { AuthMethod, AuthMethodId } from './model/auth-method.ts'
export type { AuthTemplate, AuthTemplateId } from './model/auth-template.ts'
export type { ChainLink, Checkpoint, SealedEvent } from './model/chain.ts'
export { CHAIN_START, identitiesOf, linkTo } from './model/chain.ts'
export type { ClientCertificate } from './model/client-certificate.ts'
export { isClientCertificate } from './model/client-certificate.ts'
export type { ClientSecret, ClientSecretId, ClientSecretRefusal } from './model/client-secret.ts'
export { refuseClientSecret } from './model/client-secret.ts'
export type {
  CredentialEnd,
  CredentialId,
  Digest,
  Revocation,
  StoredCredential,
} from './model/credential.ts'
export { endOf, forgettableAt, isExpiring } from './model/credential.ts'
export type { Event, EventId, EventTarget, EventType } from './model/event.ts'
export type { Identity, IdentityId } from './model/identity.ts'
export { lastOfUse } from './model/identity.ts'
export type {
  LockoutClass,
  LockoutClasses,
  LockoutCounter,
  LockoutKey,
  LockoutKeys,
  LockoutPolicy,
  Struck,
} from './model/lockout.ts'
export {
  CEILING,
  CEILING_WINDOW,
  ceilingOf,
  DEFAULT_LOCKOUT,
  isLocked,
  lockoutClassesOf,
  MAX_KNOWN_SOURCES,
  startsLock,
  strike,
  strikeBoth,
} from './model/lockout.ts'
export type { Organization } from './model/organization.ts'
export type { Conditions, RowCondition, RowConditions } from './model/permission/conditions.ts'
export type { Project } from './model/project.ts'
export type { RateCount, RateLimit } from './model/rate-limit.ts'
export { rollTo, secondsUntilFree, windowOf } from './model/rate-limit.ts'
export type { LoginReason, TokenReason } from './model/rejection.ts'
export { isRejection, Rejection } from './model/rejection.ts'
export type { BoundRole, Holding, Role, RoleId } from './model/role.ts'
export { isRoleId } from './model/role.ts'
export type { RoleBinding, RoleBindingId, Subject } from './model/role-binding.ts'
export type { Rule } from './model/rule.ts'
export type { SigningKey, SigningKeyPhase } from './model/signing-key.ts'
export { phaseOf } from './model/signing-key.ts'
export type { Source } from './model/source.ts'
export type {
  StaticToken,
  StaticTokenId,
  StaticTokenPolicy,
  StaticTokenRefusal,
} from './model/static-token.ts'
export { isStaticToken, refuseCredential, refuseStaticToken } from './model/static-token.ts'
export type { Binding, TokenPolicy, TrustedSources } from './model/token-policy.ts'
export { ANY_SOURCE, DEFAULT_TOKEN_POLICY } from './model/token-policy.ts'
export type { Invalidation, InvalidationChannel } from './ports/channel.ts'
export type { ChannelMessage } from './ports/channel-message.ts'
export { fromMessageText, toMessageText } from './ports/channel-message.ts'
export type {
  CredentialFilter,
  CredentialKey,
  CredentialStore,
  Expiring,
  ExpiryQuery,
  UseStatistic,
} from './ports/credential-store.ts'
export type {
  AuthMethodFilter,
  AuthTemplateFilter,
  IdentityFilter,
  OrganizationFilter,
  ProjectFilter,
  RoleBindingFilter,
  RoleFilter,
} from './ports/filters.ts'
export type { IdempotencyStore, KeptRequest, MadeAnswer } from './ports/idempotency-store.ts'
export type { Disuse, IdentityStore } from './ports/identity-store.ts'
export type {
  KeyStore,
  Resealing,
  StoredKeyRing,
  StoredSigningKey,
  Succession,
} from './ports/key-store.ts'
export type { ActiveLockout, LockoutFilter, LockoutStore } from './ports/lockout-store.ts'
export type {
  CountedSession,
  LoginGrant,
  LoginQuery,
  LoginState,
  LoginStore,
  Redigest,
  StrikeEvents,
} from './ports/login-store.ts'
export type { OrganizationStore } from './ports/organization-store.ts'
export type { OnceMark, Outbox } from './ports/outbox.ts'
export type { PushConnection, PushReceiver } from './ports/pushed-channel.ts'
export { createPushedChannel } from './ports/pushed-channel.ts'
export type { RateDemand, RateLimiter } from './ports/rate-limiter.ts'
export type { PageOf, PagePosition, PageQuery, RecordStore } from './ports/record-store.ts'
export type { RoleBindingStore } from './ports/role-binding-store.ts'
export type { RootKeyRetirement, RootKeyStore, RootKeyUse } from './ports/root-key-store.ts'
export type { Runtime } from './ports/runtime.ts'
export type { SecretRotation, SecretStore } from './ports/secret-store.ts'
export type { Signer } from './ports/signer.ts'
export type { EventSink, SinkContext } from './ports/sink.ts'
export type { SinkClaim, SinkPlaces } from './ports/sink-places.ts'
export type {
  StaticTokenStanding,
  StaticTokenStore,
  StaticTokenUse,
} from './ports/static-token-store.ts'
export type { Storage, Stores } from './ports/storage.ts'
export type {
  Renewal,
  RevocationMark,
  SeenMark,
  StandingQuery,
  TokenStore,
} from './ports/token-store.ts'
export type {
  Chain,
  ChainHead,
  CheckpointNeed,
  OpenBatch,
  OpenEvent,
  Sealed,
  Sealing,
  Trail,
  TrailFilter,
  TrailQuery,
  UncheckedChain,
} from './ports/trail.ts'
export type { Check, TemplateForm, Verifier, VerifierContext } from './ports/verifier.ts'
export type { OAuthMapping, WireField, WireMapping, WireSetting } from './ports/wire-mapping.ts'
export { systemClock, systemRuntime } from './system-runtime.ts'
