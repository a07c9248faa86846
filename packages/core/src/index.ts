export { createLocalRateLimiter } from './cache/local-rate-limiter.ts'
export { createCountersign } from './countersign.ts'
export type { JsonWebKey, SigningAlgorithm } from './crypto/types.ts'
export type { DependencyHealth, Health } from './engine/health.ts'
export type { JsonWebKeySet } from './engine/keys.ts'
export type { Maintained } from './engine/maintain.ts'
export type { AuthMethods } from './engine/manage/auth-methods.ts'
export type { AuthTemplates, TemplateUser } from './engine/manage/auth-templates.ts'
export type { Refusal } from './engine/manage/boundary.ts'
export type {
  ClientSecrets,
  ListedClientSecret,
  MintedClientSecret,
} from './engine/manage/client-secrets.ts'
export type { Directory, DirectoryEntry, HeldRole } from './engine/manage/directory.ts'
export type { Events, HostEvents } from './engine/manage/events.ts'
export type { RoleEffect } from './engine/manage/holders.ts'
export type { CreatedIdentity, Identities, RestrictedIdentity } from './engine/manage/identities.ts'
export type { Lockouts } from './engine/manage/lockouts.ts'
export type { ManagementPermission } from './engine/manage/management-permission.ts'
export type { Organizations } from './engine/manage/organizations.ts'
export type { Page } from './engine/manage/page.ts'
export type { Projects } from './engine/manage/projects.ts'
export type { Rehearsal } from './engine/manage/rehearse.ts'
export type { RestrictedRoleBinding, RoleBindings } from './engine/manage/role-bindings.ts'
export type { ListedCodeRole, RestrictedRole, Roles } from './engine/manage/roles.ts'
export type { RootKeys } from './engine/manage/root-keys.ts'
export type { SigningKeys } from './engine/manage/signing-keys.ts'
export type {
  ListedStaticToken,
  MintedStaticToken,
  StaticTokens,
} from './engine/manage/static-tokens.ts'
export type {
  RoleName,
  TypedBound,
  TypedHostManagement,
  TypedManagement,
} from './engine/manage/typed-management.ts'
export type { WithinTransaction } from './engine/manage/within-transaction.ts'
export type { LoginRequest, MethodsOf, MethodTable } from './engine/methods.ts'
export type { RootKeyStatus } from './engine/root-keys.ts'
export type { ListedSigningKey } from './engine/rotate-keys.ts'
export type { TrailFault, TrailVerdict } from './engine/verify-trail.ts'
export type { UnknownCodeRole, UnknownRule, UnknownWord } from './engine/vocabulary-check.ts'
export type { WatchEnd } from './engine/watch.ts'
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
  AuthTemplateChange,
  AuthTemplateKey,
  AuthTemplateList,
  AuthTemplateUsage,
  NewAuthTemplate,
} from './input/auth-template.ts'
export type {
  ClientSecretDeletion,
  ClientSecretKey,
  ClientSecretList,
  ClientSecretRevocation,
  ClientSecretRotation,
  NewClientSecret,
} from './input/client-secret.ts'
export type { DirectoryKey, DirectoryList, DirectorySearch } from './input/directory.ts'
export type { ChainKey, EventList, TrailVerification } from './input/event.ts'
export type {
  EnsuredIdentity,
  IdentityChange,
  IdentityKey,
  IdentityList,
  IdentitySettings,
  NewIdentity,
} from './input/identity.ts'
export type { HostClaim, IdentityClaim } from './input/identity-claim.ts'
export type { LockoutClear, LockoutList } from './input/lockout.ts'
export type { NoticeSettings } from './input/notices.ts'
export type { AuditSettings, SigningSettings } from './input/options.ts'
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
  RoleBindingChange,
  RoleBindingKey,
  RoleBindingList,
  RoleReplacement,
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
export type { CertificateFormat, CertificateHeader } from './lib/certificate-header.ts'
export { PROOF_ALGORITHMS } from './lib/dpop.ts'
export type { Seconds } from './lib/time.ts'
export { days, hours, minutes } from './lib/time.ts'
export { memoryChannel } from './memory/memory-channel.ts'
export type { MemoryStorageOptions } from './memory/memory-storage.ts'
export { memoryStorage } from './memory/memory-storage.ts'
export type { StaticTokenCredential } from './methods/token.ts'
export type { UniversalCredential, UniversalPolicy } from './methods/universal.ts'
export type { Actor } from './model/actor.ts'
export type { AuthMethod, AuthMethodId } from './model/auth-method.ts'
export type { AuthTemplate, AuthTemplateId } from './model/auth-template.ts'
export type { ChainLink, Checkpoint } from './model/chain.ts'
export type { ChainFault, ChainFaultKind } from './model/chain-fault.ts'
export type {
  CertifiedPeer,
  CertifiedSocket,
  ClientCertificate,
} from './model/client-certificate.ts'
export { certificateOf, unsafeClientCertificate } from './model/client-certificate.ts'
export type { ClientSecret, ClientSecretId, ClientSecretRefusal } from './model/client-secret.ts'
export type { Confirmation, Proof } from './model/confirmation.ts'
export type {
  CredentialEnd,
  CredentialId,
  Revocation,
  StoredCredential,
} from './model/credential.ts'
export type { Event, EventId, EventTarget, EventType } from './model/event.ts'
export type {
  Grant,
  GrantOptions,
  Introspection,
  TokenSubject,
} from './model/grant.ts'
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
export type { Peer, ProvedRequest, Source } from './model/source.ts'
export type {
  StaticToken,
  StaticTokenId,
  StaticTokenPolicy,
  StaticTokenRefusal,
} from './model/static-token.ts'
export type { Binding, TokenPolicy, TrustedSources } from './model/token-policy.ts'
export type { Invalidation, InvalidationChannel } from './ports/channel.ts'
export type { ActiveLockout } from './ports/lockout-store.ts'
export type { FigureOptions, Labels, Meter, Span, Tracer } from './ports/meter.ts'
export type { RateDemand, RateLimiter } from './ports/rate-limiter.ts'
export type { Signer } from './ports/signer.ts'
export type { EventSink, SinkContext } from './ports/sink.ts'
export type { Storage } from './ports/storage.ts'
export type { Check, Verifier } from './ports/verifier.ts'
export type {
  OAuthMapping,
  WiredMethod,
  WireField,
  WireMapping,
  WireSetting,
} from './ports/wire-mapping.ts'
export { functionSink } from './sinks/function-sink.ts'
export type { HttpSinkOptions } from './sinks/http-sink.ts'
export { httpSink } from './sinks/http-sink.ts'
export type { NodeStream, StreamSinkOptions, WebStream } from './sinks/stream-sink.ts'
export { streamSink } from './sinks/stream-sink.ts'
export type {
  BuiltInMethods,
  Countersign,
  CountersignOptions,
} from './surface.ts'
