import type { ClientCertificate } from './client-certificate.ts'
import type { Proof } from './confirmation.ts'

/** What is known of the peer of one request, by whoever terminates its connection. */
export interface Source {
  /** The client's IPv4 or IPv6 address; absent or unreadable counts as unknown, which no allow-list admits. */
  readonly address?: string | undefined
  /** The certificate whose key the client proved, from a TLS socket or by the word of a trusted proxy. */
  readonly certificate?: ClientCertificate | undefined
  /** The DPoP proof beside a token that was shown by the scheme `DPoP`, or beside a login; never one beside a `Bearer`. */
  readonly proof?: Proof | undefined
  readonly requestId?: string | undefined
  readonly userAgent?: string | undefined
}

/** The other end of a connection, and what the proxies in between say, as a framework hands it over. */
export interface Peer {
  /** The socket's remote address. */
  readonly address?: string | undefined
  /** The whole `X-Forwarded-For` header, repeated lines joined in order; read only behind `trustedProxies`. */
  readonly forwardedFor?: string | undefined
  /** What the client proved on this very socket, where it speaks TLS. */
  readonly certificate?: ClientCertificate | undefined
  /** The request itself, where it carries a DPoP proof. */
  readonly request?: ProvedRequest | undefined
  /** Answers a header by its name in lower case, repeated ones joined by commas; asked for `clientCertificate` alone. */
  readonly header?: ((name: string) => string | undefined) | undefined
  readonly requestId?: string | undefined
  readonly userAgent?: string | undefined
}

/** A request that carries a DPoP proof, as it was sent. */
export interface ProvedRequest {
  /** The whole `DPoP` header, repeated lines joined by commas. */
  readonly dpop: string
  readonly method: string
  /** Path and query as they stood in the request line. */
  readonly target: string
  /** What stands before the target in the URLs that clients write; the origin of the issuer where absent. */
  readonly publicUrl?: string | undefined
}
