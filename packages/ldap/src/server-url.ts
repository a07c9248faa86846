import type { CompiledEgress } from '@countersign/evidence'

/** A directory server, as it is dialled. */
export interface ServerPlace {
  /** Without brackets, and without the dot that ends a full name. */
  readonly host: string
  readonly port: number
  /** TLS from the first byte. */
  readonly secure: boolean
}

/** The ports of LDAP and of the global catalogue, in clear and by TLS. */
export const LDAP_PORTS: readonly number[] = [389, 636, 3268, 3269]

/** Reads `ldaps://host:port` or `ldap://host:port`; nothing for any other text. */
export function parseServerUrl(text: string): ServerPlace | undefined {
  const [, scheme, host = '', port] =
    /^(ldaps?):\/\/(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(\d{1,5}))?\/?$/.exec(text) ?? []
  const secure = scheme === 'ldaps'
  const usual = secure ? 636 : 389
  const number = port === undefined ? usual : Number(port)
  if (scheme === undefined || number < 1 || number > 65_535) return undefined
  return { host: host.replace(/^\[|\]$/g, '').replace(/\.$/, ''), port: number, secure }
}

/** Says why a server may not be asked, in words that continue a sentence about it. */
export function refuseServer(
  text: string,
  startTls: boolean,
  egress: CompiledEgress,
): string | undefined {
  const place = parseServerUrl(text)
  if (place === undefined) return 'must be ldaps://host:port or ldap://host:port'
  const host = place.host.includes(':') ? `[${place.host}]` : place.host
  const isEncrypted = place.secure || startTls
  // Egress policies speak of web servers; what they say of hosts and ports holds here as well.
  const problem = egress.refuse(`${isEncrypted ? 'https' : 'http'}://${host}:${place.port}`)
  return problem === 'must be an https URL' ? 'must be ldaps, or have startTls: true' : problem
}
