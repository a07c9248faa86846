import type {
  AuthMethod,
  AuthMethodKey,
  Countersign,
  CountersignError,
  Grant,
  GrantOptions,
  HostClaim,
  IdentityPrincipal,
  MethodTable,
  Organization,
  Principal,
  Resources,
  Source,
  TypedManagement,
} from '@countersign/core'

/** What a guard or a handler asks about whom the host vouches for: a person, or a workload that showed a key of the host's. */
export interface PeopleEngine<R extends Resources = Resources> {
  principalFor(claim: HostClaim): Principal<R> | Promise<Principal<R>>
}

/** The part of an engine that a guard asks; what it answers speaks the engine's vocabulary. */
export interface GuardEngine<R extends Resources = Resources>
  extends Pick<Countersign, 'recognizes' | 'sourceOf'>,
    PeopleEngine<R> {
  tryAuthenticate(token: string, source: Source): Promise<IdentityPrincipal<R> | CountersignError>
}

/** Any login, in the words of no engine. */
export interface AnyLogin {
  readonly method: string
  readonly identity?: string | undefined
  readonly credential: unknown
}

/** Management in the words of no engine: what arrives over the wire is parsed by whoever performs it. */
export type Management = TypedManagement<MethodTable>

/** The part of an engine that the routes stand on; every engine has it, whatever its auth methods and its vocabulary. */
export interface HandlerEngine
  extends GuardEngine,
    Pick<
      Countersign,
      | 'issuer'
      | 'methods'
      | 'renew'
      | 'exchange'
      | 'revoke'
      | 'introspect'
      | 'attachedMethod'
      | 'jwks'
    > {
  login(request: AnyLogin, source: Source, options?: GrantOptions): Promise<Grant>
  as(principal: Principal): Management
  asHost(label: string): HostReading
}

/** What the wire shows that no caller needs a permission for, or that decides only what a permitted call does. */
export interface HostReading {
  readonly organizations: { get(key: { readonly id: string }): Promise<Organization> }
  readonly authMethods: { get(key: AuthMethodKey): Promise<AuthMethod> }
}
