/** What is known of the peer of one request, by whoever terminates its connection. */
export interface Source {
  /** The client's IPv4 or IPv6 address; absent or unreadable counts as unknown, which no allow-list admits. */
  readonly address?: string
  readonly requestId?: string
  readonly userAgent?: string
}

/** The other end of a connection, and what the proxies in between say, as a framework hands it over. */
export interface Peer {
  /** The socket's remote address. */
  readonly address?: string | undefined
  /** The whole `X-Forwarded-For` header, repeated lines joined in order; read only behind `trustedProxies`. */
  readonly forwardedFor?: string | undefined
  readonly requestId?: string | undefined
  readonly userAgent?: string | undefined
}
