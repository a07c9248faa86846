import type { Countersign, Organization } from '@countersign/core'

/** The part of an engine that a guard asks. */
export type GuardEngine = Pick<Countersign, 'tryAuthenticate' | 'recognizes' | 'sourceOf'>

/** The part of an engine that the routes stand on; every engine has it, whatever its auth methods. */
export interface HandlerEngine
  extends GuardEngine,
    Pick<Countersign, 'issuer' | 'login' | 'renew' | 'revoke' | 'jwks'> {
  asHost(label: string): {
    readonly organizations: { get(key: { readonly id: string }): Promise<Organization> }
  }
}
