import type { Health } from './engine/health.ts'
import type { JsonWebKeySet } from './engine/keys.ts'
import type { Maintained } from './engine/maintain.ts'
import type { TypedHostManagement, TypedManagement } from './engine/manage/typed-management.ts'
import type { WithinTransaction } from './engine/manage/within-transaction.ts'
import type { LoginRequest, MethodsOf, MethodTable } from './engine/methods.ts'
import type { UnknownWord } from './engine/vocabulary-check.ts'
import type { WatchEnd } from './engine/watch.ts'
import type { CountersignError } from './errors.ts'
import type { IdentityClaim } from './input/identity-claim.ts'
import type { NoticeSettings } from './input/notices.ts'
import type { AuditSettings, SigningSettings } from './input/options.ts'
import type { RateLimitSettings } from './input/rate-limits.ts'
import type { StoredUserClaim, TypedUserClaim } from './input/user-claim.ts'
import type { CertificateHeader } from './lib/certificate-header.ts'
import type { Seconds } from './lib/time.ts'
import type { StaticTokenCredential } from './methods/token.ts'
import type { UniversalCredential, UniversalPolicy } from './methods/universal.ts'
import type { Grant, GrantOptions, Introspection } from './model/grant.ts'
import type { RoleDeclaration } from './model/permission/code-roles.ts'
import type { IdentityPrincipal, Principal, UserPrincipal } from './model/permission/principal.ts'
import type { HostResources, Resources } from './model/resources.ts'
import type { Peer, Source } from './model/source.ts'
import type { StaticTokenPolicy } from './model/static-token.ts'
import type { InvalidationChannel } from './ports/channel.ts'
import type { Meter, Tracer } from './ports/meter.ts'
import type { RateLimiter } from './ports/rate-limiter.ts'
import type { Signer } from './ports/signer.ts'
import type { EventSink } from './ports/sink.ts'
import type { Storage } from './ports/storage.ts'
import type { Verifier } from './ports/verifier.ts'
import type { WiredMethod } from './ports/wire-mapping.ts'

/** The auth methods that every engine has. */
export type BuiltInMethods = MethodsOf<
  readonly [
    Verifier<'universal', UniversalPolicy, UniversalCredential>,
    Verifier<'token', StaticTokenPolicy, StaticTokenCredential>,
  ]
>

/** What an engine is built from. */
export interface CountersignOptions<
  Verifiers extends readonly Verifier[] = readonly [],
  R extends Resources = Resources,
  Slug extends string = string,
> {
  /** The https URL that names this deployment in its tokens, exactly as clients compare it; http on loopback only. */
  readonly issuer: string
  /**
   * Keys that digests and sealed records derive from: 32 random bytes each, base64url, newest first, at most three. A
   * key from the environment that is missing is refused like a wrong one.
   */
  readonly rootKeys: readonly (string | undefined)[]
  readonly storage: Storage
  /** Verifiers beside the built-in universal auth and token auth. */
  readonly verifiers?: Verifiers | undefined
  /** The host's own resources, whose actions roles allow and deny, with the attributes that rules look at. */
  readonly resources?: HostResources<R> | undefined
  /** The host's own roles, by their slugs, beside the built-in ones: admin, member, viewer, no-access. */
  readonly roles?: { readonly [S in Slug]: RoleDeclaration<NoInfer<R>> } | undefined
  /** Carries what changes to the other nodes of a deployment; without it they see it within `cacheTtl`. */
  readonly channel?: InvalidationChannel | undefined
  /** How often logins and management calls may come, far above what is healthy by default; `'off'` limits nothing. */
  readonly rateLimits?: RateLimitSettings | 'off' | undefined
  /** Counts for all nodes together; without it each node counts for itself. */
  readonly rateLimiter?: RateLimiter | undefined
  /** Collects figures: the `Meter` of `@opentelemetry/api`, or anything with its methods. */
  readonly meter?: Meter | undefined
  /** Follows logins and requests: the `Tracer` of `@opentelemetry/api`. */
  readonly tracer?: Tracer | undefined
  /** Where events go, in process. */
  readonly sinks?: readonly EventSink[] | undefined
  /**
   * Networks of the reverse proxies whose `X-Forwarded-For` is believed. Without it a client's address is its
   * socket's.
   */
  readonly trustedProxies?: readonly string[] | undefined
  /**
   * The header in which those proxies say which certificate a client proved to them. They must strip it from what clients
   * send. Without it a certificate counts only where this process terminates TLS itself.
   */
  readonly clientCertificate?: CertificateHeader | undefined
  /** The longest life of any access token; 90 days by default. A static token says for itself how long it lives. */
  readonly maxTokenAge?: Seconds | undefined
  /**
   * How long this node may repeat what the authority said about a login, in whole seconds; 1 by default, 0 asks every
   * time. A change that this node makes is seen here at once, one that another node makes within this time.
   */
  readonly cacheTtl?: Seconds | undefined
  /**
   * How long a principal that is kept may answer when nobody asked the authority about its subject again, in whole
   * seconds; 30 by default. Then every answer is a no until `refresh()`.
   */
  readonly principalTtl?: Seconds | undefined
  /** What our secrets begin with, for secret scanners; `cst` by default. */
  readonly prefix?: string | undefined
  /** How long the audit trail is kept, and who else keeps its checkpoints. */
  readonly audit?: AuditSettings | undefined
  /** When `maintain()` tells of credentials and keys that end soon, and of identities that nobody uses; `'off'` never. */
  readonly notices?: NoticeSettings | 'off' | undefined
  /** How signing keys are made and replaced. */
  readonly signing?: SigningSettings | undefined
  /**
   * Ids of root keys that are gone for good: `ready()` revokes what depends on them. Without it, a root key that is
   * missing while something depends on it is refused.
   */
  readonly retiredRootKeys?: readonly string[] | undefined
  /** Signs tokens instead of a key of ours: a KMS, for example. */
  readonly signer?: Signer | undefined
}

/** An identity engine: logins, tokens, and everything that people manage. */
export interface Countersign<
  Methods extends MethodTable = BuiltInMethods,
  R extends Resources = Resources,
  Slug extends string = string,
> {
  readonly issuer: string

  /** The auth methods of this engine, and what each is called on the wire of another system. */
  readonly methods: readonly WiredMethod[]

  /**
   * Exchanges a credential for a short-lived access token.
   *
   * @throws `invalid_credential` or `locked_out`, which tell the caller nothing more; `invalid_request` for what is no
   * login at all; `unavailable` where the engine could not tell.
   */
  login(request: LoginRequest<Methods>, source: Source, options?: GrantOptions): Promise<Grant>

  /**
   * Turns a bearer token, or a static token as it stands, into the principal of one request; of what is limited it
   * spends one use.
   *
   * @throws `invalid_token`, whatever was wrong; `rate_limited` where its source showed too many wrong signatures to be
   * checked; `unavailable` where the engine could not tell; a `TypeError` for a token that is no string.
   */
  authenticate(token: string, source: Source): Promise<IdentityPrincipal<R>>

  /** Does the same as `authenticate` and answers its error instead of throwing it: for guards. */
  tryAuthenticate(token: string, source: Source): Promise<IdentityPrincipal<R> | CountersignError>

  /**
   * Tells whether a text has the form of a token of this deployment, good or bad: an access token of its issuer, or a
   * static token. Nothing in it is believed.
   */
  recognizes(token: string): boolean

  /**
   * Extends a login: a new token of the same session. The old one runs out by itself. A static token has no login.
   *
   * @throws `invalid_token` where the token, or what is left of its login, is not enough; `unavailable`.
   */
  renew(token: string, source: Source, options?: GrantOptions): Promise<Grant>

  /**
   * Answers another token of the same session (RFC 8693): good for no more than the one that is shown, restricted further
   * by `permissions`, and for no longer. Both live on until they end or the login does. A static token has no login.
   *
   * @throws `invalid_token` as `renew` does; `invalid_request` where `permissions` names what is no permission, or what the
   * token is not good for; `unavailable`.
   */
  exchange(token: string, source: Source, options?: GrantOptions): Promise<Grant>

  /**
   * Ends a login with all its renewals (RFC 7009), or a static token whose auth method says `selfRevoke`. What is no
   * living token of ours, or may not be ended this way, is no error.
   */
  revoke(token: string, source: Source): Promise<void>

  /** Tells what a token would be good for, without using it (RFC 7662). */
  introspect(token: string): Promise<Introspection>

  /** Finds the first of some methods that an identity has; the first of all where it has none of them. */
  attachedMethod(identity: string, among: readonly string[]): Promise<string>

  /** The public keys that other services check our tokens with (RFC 7517). */
  jwks(): Promise<JsonWebKeySet>

  /** Reads what is known of a request's peer, `X-Forwarded-For` only behind a trusted proxy. */
  sourceOf(peer: Peer): Source

  /** Asks what a user whom the host authenticated holds by its stored role bindings. */
  principalFor(claim: StoredUserClaim): Promise<UserPrincipal<R>>

  /** Vouches for a user whom the host authenticated, and for what it holds: roles in code, or rules. */
  principalFor(claim: TypedUserClaim<R, Slug>): UserPrincipal<R>

  /**
   * Vouches for a workload by a credential that the host checked itself: it may what its role bindings say.
   *
   * @throws `invalid_credential` where the organization has no such identity, or it is disabled; `unavailable`.
   */
  principalFor(claim: IdentityClaim): Promise<IdentityPrincipal<R>>

  /**
   * Waits until a principal's token ends or is revoked, or until what it may do changes: for WebSockets and queue
   * consumers. With a channel it hears of other nodes' changes at once, without one within 30 seconds.
   *
   * @throws `unavailable` where the authority cannot be asked; a `TypeError` for a principal of another engine.
   */
  watch(principal: Principal, signal: AbortSignal): Promise<WatchEnd>

  /**
   * Management on a principal's word: bounded by what it holds at the moment of each call.
   *
   * @throws `permission_denied`, whose `details` say which permission is missing, or that a role or a target exceeds what
   * the principal holds; `not_found` for whatever belongs to another organization; `invalid_token` where the token that
   * proved the principal has ended since.
   */
  as(principal: Principal): TypedManagement<Methods, R, Slug>

  /** Management on the host's word; the label says in every event what acted. */
  asHost(label: string): TypedHostManagement<Methods, R, Slug>

  /**
   * Management in a transaction that the host has open in the same database: a row of the host's and an identity come
   * together or not at all. Nothing is remembered of it before it commits; other requests see it within `cacheTtl`.
   * Logins, and the keys of the deployment, stay outside.
   *
   * @param transaction - the client that the transaction is open on, in the form that the storage takes.
   * @throws a `TypeError` where the storage shares no database with the host.
   */
  within(transaction: unknown): WithinTransaction<Methods, R, Slug>

  /**
   * Lists what is stored and the code has no words for: rules that allow nothing and deny what they can, and bindings of
   * roles that are gone, which hold nothing.
   */
  checkVocabulary(): Promise<readonly UnknownWord[]>

  /** Checks storage, keys, clock and vocabulary; throws `unavailable` where one of the first three cannot work. */
  ready(): Promise<void>

  /**
   * Tells how this node is, for probes: it never throws, and takes two seconds at the most. A node whose storage is away
   * is live and not ready.
   */
  health(): Promise<Health>

  /** Does one bounded pass of background work: clock, statistics, sinks, sweep. */
  maintain(): Promise<Maintained>

  /** Repeats `maintain` until the signal aborts. It outlives failures, and reports them as `unavailable` does: by waiting. */
  run(options: { readonly signal: AbortSignal }): Promise<void>

  /** Hands over what is gathered, and closes the storage. */
  close(): Promise<void>
}
