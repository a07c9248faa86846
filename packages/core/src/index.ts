export { createCountersign } from './countersign.ts'
export type { JsonWebKey, SigningAlgorithm } from './crypto/types.ts'
export type { AuthMethods } from './engine/auth-methods.ts'
export type { ManagementPermission } from './engine/authority.ts'
export type {
  ClientSecrets,
  ListedClientSecret,
  MintedClientSecret,
} from './engine/client-secrets.ts'
export type { CreatedIdentity, Identities } from './engine/identities.ts'
export type { JsonWebKeySet } from './engine/keys.ts'
export type { Lockouts } from './engine/lockouts.ts'
export type { Maintained } from './engine/maintain.ts'
export type {
  LoginRequest,
  MethodsOf,
  MethodTable,
  TypedHostManagement,
  TypedManagement,
} from './engine/methods.ts'
export type { Organizations } from './engine/organizations.ts'
export type { Page } from './engine/page.ts'
export type { Projects } from './engine/projects.ts'
export type { RootKeyStatus, RootKeys } from './engine/root-keys.ts'
export type { ListedSigningKey, SigningKeys } from './engine/signing-keys.ts'
export type { ListedStaticToken, MintedStaticToken, StaticTokens } from './engine/static-tokens.ts'
export type { CountersignErrorOptions, ErrorCode } from './errors.ts'
export { CountersignError, isCountersignError } from './errors.ts'
export type {
  AuthMethodChange,
  AuthMethodKey,
  AuthMethodList,
  AuthMethodSettings,
  LockoutInput,
  NamedAuthMethod,
  NewAuthMethod,
  TokenPolicyInput,
} from './input/auth-method.ts'
export type {
  ClientSecretDeletion,
  ClientSecretKey,
  ClientSecretList,
  ClientSecretRevocation,
  ClientSecretRotation,
  NewClientSecret,
} from './input/client-secret.ts'
export type {
  EnsuredIdentity,
  IdentityChange,
  IdentityKey,
  IdentityList,
  IdentitySettings,
  NewIdentity,
} from './input/identity.ts'
export type { LockoutClear, LockoutList } from './input/lockout.ts'
export type { SigningSettings } from './input/options.ts'
export type {
  EnsuredOrganization,
  EnsuredProject,
  NewOrganization,
  NewProject,
  OrganizationChange,
  OrganizationKey,
  OrganizationList,
  ProjectChange,
  ProjectKey,
  ProjectList,
} from './input/organization.ts'
export type { PageInput } from './input/page.ts'
export type {
  NoConditions,
  RevokedSigningKey,
  SigningKeyRotation,
} from './input/signing-key.ts'
export type {
  NewStaticToken,
  StaticTokenChange,
  StaticTokenKey,
  StaticTokenList,
  StaticTokenRevocation,
} from './input/static-token.ts'
export type { UserClaim } from './input/user-claim.ts'
export type { Seconds } from './lib/time.ts'
export { days, hours, minutes } from './lib/time.ts'
export { memoryChannel } from './memory/memory-channel.ts'
export type { MemoryStorageOptions } from './memory/memory-storage.ts'
export { memoryStorage } from './memory/memory-storage.ts'
export type { StaticTokenCredential } from './methods/token.ts'
export type { UniversalCredential, UniversalPolicy } from './methods/universal.ts'
export type { Actor } from './model/actor.ts'
export type { AuthMethod, AuthMethodId } from './model/auth-method.ts'
export type { ClientSecret, ClientSecretId, ClientSecretRefusal } from './model/client-secret.ts'
export type {
  CredentialEnd,
  CredentialId,
  Revocation,
  StoredCredential,
} from './model/credential.ts'
export type { Event, EventId, EventTarget, EventType } from './model/event.ts'
export type { Grant, GrantOptions, Introspection, TokenSubject } from './model/grant.ts'
export type { Identity, IdentityId } from './model/identity.ts'
export type { LockoutClass, LockoutCounter, LockoutKey, LockoutPolicy } from './model/lockout.ts'
export type { Organization } from './model/organization.ts'
export type { IdentityPrincipal, Principal, UserPrincipal } from './model/principal.ts'
export type { Project } from './model/project.ts'
export type { BuiltInRole, RoleBinding, RoleBindingId, Subject } from './model/role-binding.ts'
export type { Scope } from './model/scope.ts'
export type { SigningKey, SigningKeyPhase } from './model/signing-key.ts'
export type { Peer, Source } from './model/source.ts'
export type {
  StaticToken,
  StaticTokenId,
  StaticTokenPolicy,
  StaticTokenRefusal,
} from './model/static-token.ts'
export type { TokenPolicy, TrustedSources } from './model/token-policy.ts'
export type { Invalidation, InvalidationChannel } from './ports/channel.ts'
export type { ActiveLockout } from './ports/lockout-store.ts'
export type { Signer } from './ports/signer.ts'
export type { EventSink } from './ports/sink.ts'
export type { Storage } from './ports/storage.ts'
export type { Verifier } from './ports/verifier.ts'
export type { BuiltInMethods, Countersign, CountersignOptions } from './surface.ts'
