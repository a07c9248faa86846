import type { HostClaim, IdentityPrincipal, Principal, Resources } from '@countersign/core'
import type { Caller } from './caller.ts'
import type { HandlerOptions } from './handler.ts'

// What adapters for frameworks share in their options.

/** How a host tells who asks by a session or a key of its own; `undefined` where it knows nobody. */
export interface PeopleOptions<Request> {
  /** It is asked only where a request carries no `Authorization`. */
  user(request: Request): HostClaim | undefined | Promise<HostClaim | undefined>
}

/** How a host tells where a request comes from, and who of its people asks. */
export interface GuardOptions<Request> extends Partial<PeopleOptions<Request>> {
  /**
   * Answers the client's address, and `undefined` where it is unknown. Without it the socket's counts, or what the
   * engine's `trustedProxies` say; what a framework makes of headers is never asked.
   */
  clientAddress?(request: Request): string | undefined
  /**
   * What stands before the path of a request in the URLs that clients write, where that is not the origin of the issuer:
   * another host, or the path that a proxy takes away. DPoP proofs are compared with it (`htu`), never with a header.
   */
  readonly publicUrl?: string | undefined
}

/** How a mounted handler differs from the usual one. */
export interface MountOptions<Request>
  extends Omit<HandlerOptions, 'onError' | 'user'>,
    GuardOptions<Request> {}

/** Whom a guard lets in: workloads, and people where the host tells of them. */
export type WhoIn<R extends Resources, Options> = Options extends { readonly user: unknown }
  ? Principal<R>
  : IdentityPrincipal<R>

/**
 * Says whose address counts, where the host says it. It is asked while the request is there; the rest can wait until
 * something depends on it.
 */
export function callerOf<Request>(
  peer: () => Caller,
  request: Request,
  { clientAddress, publicUrl }: GuardOptions<Request>,
): () => Caller {
  if (clientAddress === undefined && publicUrl === undefined) return peer
  const said = {
    ...(publicUrl !== undefined && { publicUrl: trimmed(publicUrl) }),
    ...(clientAddress !== undefined && { clientAddress: clientAddress(request) }),
  }
  return () => ({ ...peer(), ...said })
}

/** A target begins with a slash of its own. */
function trimmed(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url
}

/** Binds the question who asks to one request. */
export function askerOf<Request>(
  request: Request,
  { user }: GuardOptions<Request>,
): (() => ReturnType<PeopleOptions<Request>['user']>) | undefined {
  return user && (() => user(request))
}
