export { createCountersign } from './countersign.ts'
export type { JsonWebKey, SigningAlgorithm } from './crypto/types.ts'
export type { AuthMethods } from './engine/auth-methods.ts'
export type { ManagementPermission } from './engine/authority.ts'
export type { Refusal } from './engine/boundary.ts'
export type {
  ClientSecrets,
  ListedClientSecret,
  MintedClientSecret,
} from './engine/client-secrets.ts'
export type { RoleEffect } from './engine/holders.ts'
export type { CreatedIdentity, Identities, RestrictedIdentity } from './engine/identities.ts'
export type { JsonWebKeySet } from './engine/keys.ts'
export type { Lockouts } from './engine/lockouts.ts'
export type { Maintained } from './engine/maintain.ts'
export type {
  LoginRequest,
  MethodsOf,
  MethodTable,
  RoleName,
  TypedBound,
  TypedHostManagement,
  TypedManagement,
} from './engine/methods.ts'
export type { Organizations } from './engine/organizations.ts'
export type { Page } from './engine/page.ts'
export type { Projects } from './engine/projects.ts'
export type { Rehearsal } from './engine/rehearse.ts'
export type { RestrictedRoleBinding, RoleBindings } from './engine/role-bindings.ts'
export type { ListedCodeRole, RestrictedRole, Roles } from './engine/roles.ts'
export type { RootKeyStatus, RootKeys } from './engine/root-keys.ts'
export type { ListedSigningKey, SigningKeys } from './engine/signing-keys.ts'
export type { ListedStaticToken, MintedStaticToken, StaticTokens } from './engine/static-tokens.ts'
export type { UnknownRule } from './engine/vocabulary-check.ts'
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
export type { RateLimitSettings } from './input/rate-limits.ts'
export type { RehearsalInput } from './input/rehearsal.ts'
export type {
  CodeRoleList,
  NewRole,
  RoleChange,
  RoleDeletion,
  RoleKey,
  RoleList,
  RolePreview,
} from './input/role.ts'
export type {
  BoundInput,
  NewRoleBinding,
  ProjectAddition,
  ProjectRemoval,
  RoleBindingKey,
  RoleBindingList,
  SubjectInput,
  WindowInput,
} from './input/role-binding.ts'
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
export type {
  StoredUserClaim,
  TypedUserClaim,
  UserClaim,
  VouchedBinding,
} from './input/user-claim.ts'
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
export type { RoleDeclaration, RoleDeclarations } from './model/permission/code-roles.ts'
export type { Conditions, RowCondition, RowConditions } from './model/permission/conditions.ts'
export type { DenialReason } from './model/permission/decide.ts'
export type { Exceeding, Witness } from './model/permission/exceeds.ts'
export type { Explanation, Miss, RuleSource } from './model/permission/explain.ts'
export type {
  HeldPermissions,
  IdentityPrincipal,
  Permissioned,
  Place,
  Principal,
  StaleExplanation,
  UserPrincipal,
} from './model/permission/principal.ts'
export type { Project } from './model/project.ts'
export type { RateLimit } from './model/rate-limit.ts'
export type {
  AttributeKind,
  AttributesOf,
  ConcretePermission,
  HostResources,
  Permission,
  Question,
  ResourceDeclaration,
  ResourceScope,
  Resources,
} from './model/resources.ts'
export type { Role, RoleId } from './model/role.ts'
export type { BuiltInRole, RoleBinding, RoleBindingId, Subject } from './model/role-binding.ts'
export type { Match, Operand, Operators, ReferencePath, Rule, Where } from './model/rule.ts'
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
export type { RateDemand, RateLimiter } from './ports/rate-limiter.ts'
export type { Signer } from './ports/signer.ts'
export type { EventSink } from './ports/sink.ts'
export type { Storage } from './ports/storage.ts'
export type { Check, Verifier } from './ports/verifier.ts'
export type { WireField, WireMapping } from './ports/wire-mapping.ts'
export type {
  BuiltInMethods,
  Countersign,
  CountersignOptions,
  WithinTransaction,
} from './surface.ts'
