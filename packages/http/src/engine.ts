import type {
  Countersign,
  CountersignError,
  IdentityPrincipal,
  Organization,
  Resources,
  Source,
} from '@countersign/core'

/** The part of an engine that a guard asks; what it answers speaks the engine's vocabulary. */
export interface GuardEngine<R extends Resources = Resources>
  extends Pick<Countersign, 'recognizes' | 'sourceOf'> {
  tryAuthenticate(token: string, source: Source): Promise<IdentityPrincipal<R> | CountersignError>
}

/** The part of an engine that the routes stand on; every engine has it, whatever its auth methods and its vocabulary. */
export interface HandlerEngine
  extends GuardEngine,
    Pick<Countersign, 'issuer' | 'login' | 'renew' | 'revoke' | 'jwks'> {
  asHost(label: string): {
    readonly organizations: { get(key: { readonly id: string }): Promise<Organization> }
  }
}
