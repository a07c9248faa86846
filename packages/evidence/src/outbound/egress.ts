import type { Address } from '@countersign/core/plugin'
import { compileNetworks, parseAddress } from '@countersign/core/plugin'

/** Where verifiers may connect to. Public addresses on the usual ports, unless more is said. */
export interface Egress {
  /** Networks that may be reached although they are not public: `10.10.0.8/32`. */
  readonly allow?: readonly string[] | undefined
  /** Ports beside 443, 6443 and 8443; `'any'` for all. */
  readonly ports?: readonly number[] | 'any' | undefined
  /** Plain http, on loopback alone, which `allow` must name as well: for tests and development. */
  readonly loopbackHttp?: boolean | undefined
  /** Plain http to everywhere: only for answers that are signed themselves, such as revocation lists. */
  readonly plainHttp?: boolean | undefined
}

/** An egress policy that was understood. */
export interface CompiledEgress {
  /** Says why a URL may not be asked, in words that continue a sentence, or nothing where it may. */
  readonly refuse: (url: string) => string | undefined
  /** Tells whether an address that a name resolved to may be dialled. */
  readonly admits: (address: string) => boolean
}

/** Compiles an egress policy; a network that cannot be read is a `TypeError`. */
export function compileEgress({
  allow = [],
  ports = [],
  loopbackHttp = false,
  plainHttp = false,
}: Egress): CompiledEgress {
  const allowed = compileNetworks(allow)
  const special = compileNetworks(SPECIAL)
  const global6 = compileNetworks(['2000::/3'])
  const loopback = compileNetworks(LOOPBACK)

  const isPublic = (address: Address): boolean =>
    !special(address) && (address.family === 4 || global6(address))
  const reaches = (address: Address): boolean => allowed(address) || isPublic(address)

  function refuseHost(host: string): string | undefined {
    const address = parseAddress(host)
    if (address !== undefined)
      return reaches(address) ? undefined : 'must not name an address that is not public'
    if (!isLocalName(host)) return undefined
    return reachesLoopback(allowed) ? undefined : 'must not name this host'
  }

  function speaks({ protocol }: URL, host: string): boolean {
    if (protocol === 'https:') return true
    if (protocol === 'http:' && plainHttp) return true
    if (protocol !== 'http:' || !loopbackHttp) return false
    const address = parseAddress(host)
    return isLocalName(host) || (address !== undefined && loopback(address))
  }

  return {
    refuse(text) {
      const url = URL.canParse(text) ? new URL(text) : undefined
      if (url === undefined || !speaks(url, hostOf(url))) return 'must be an https URL'
      if (url.username !== '' || url.password !== '') return 'must not hold credentials'
      if (text.includes('#')) return 'must not have a fragment'
      if (ports !== 'any' && !isUsualPort(url, ports)) return 'must not name an unusual port'
      return refuseHost(hostOf(url))
    },
    admits(text) {
      const address = parseAddress(text)
      return address !== undefined && reaches(address)
    },
  }
}

/** The host of a URL as it is dialled: without brackets, and without the dot that ends a full name. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

const USUAL_PORTS: readonly number[] = [443, 6443, 8443]

function isUsualPort({ port }: URL, more: readonly number[]): boolean {
  return port === '' || USUAL_PORTS.includes(Number(port)) || more.includes(Number(port))
}

function isLocalName(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

function reachesLoopback(allowed: (address: Address) => boolean): boolean {
  return ['127.0.0.1', '::1'].some((text) => {
    const address = parseAddress(text)
    return address !== undefined && allowed(address)
  })
}

const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1']

/** What the registries of special-purpose addresses (RFC 6890) hold, embeddings of IPv4 included. */
const SPECIAL: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]
