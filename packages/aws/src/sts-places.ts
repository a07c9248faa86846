import type { StsHost, StsHosts } from './partitions.ts'

/** A place of the operator's own at which STS is asked: a private endpoint, or a proxy that speaks TLS. */
export interface StsEndpoint {
  /** `https://vpce-….sts.eu-west-1.vpce.amazonaws.com`: without a path. */
  readonly url: string
  /** Certificates (PEM) that it is trusted by, instead of the system's. */
  readonly ca?: string | undefined
  /** The only region whose requests go there; those of every region where absent. */
  readonly region?: string | undefined
}

/** Where requests are taken to, which no caller has a say in. */
export interface StsPlaces {
  readonly hosts: StsHosts
  /** The operator's endpoint for a host, if there is one. */
  readonly endpointOf: (host: StsHost) => StsEndpoint | undefined
  /** Whether a policy that pins an endpoint admits a request for this host. */
  readonly admits: (pinned: string | undefined, host: StsHost) => boolean
  /** Says why a policy may not pin a URL, or nothing where it may. */
  readonly refuse: (url: string) => string | undefined
}

/** What Infisical's wire says where nothing was chosen. */
const ANY_HOST = 'https://sts.amazonaws.com'

/** Creates the places; a URL that is none is a `TypeError`. */
export function createStsPlaces(hosts: StsHosts, endpoints: readonly StsEndpoint[]): StsPlaces {
  const wrong = endpoints.find(({ url }) => !isOrigin(url))
  if (wrong !== undefined) throw new TypeError('aws() takes endpoints as https URLs without a path')
  const endpointOf = ({ region }: StsHost): StsEndpoint | undefined =>
    endpoints.find((endpoint) => endpoint.region === undefined || endpoint.region === region)
  const hostOf = (url: string): StsHost | undefined =>
    hosts.find(trimmed(url).replace('https://', ''))
  return {
    hosts,
    endpointOf,
    admits(pinned, host) {
      if (pinned === undefined || trimmed(pinned) === ANY_HOST) return true
      const endpoint = endpointOf(host)
      const isEndpoint = endpoint !== undefined && trimmed(endpoint.url) === trimmed(pinned)
      return isEndpoint || hostOf(pinned)?.host === host.host
    },
    // Whoever answers says who logs in: that is for the operator to choose, not for a tenant.
    refuse(url) {
      const isOurs = endpoints.some((endpoint) => trimmed(endpoint.url) === trimmed(url))
      return isOurs || (isOrigin(url) && hostOf(url) !== undefined)
        ? undefined
        : 'must be a host of STS, or an endpoint that the operator named'
    },
  }
}

function trimmed(url: string): string {
  return url.replace(/\/$/, '')
}

function isOrigin(url: string): boolean {
  return (
    URL.canParse(url) && new URL(url).protocol === 'https:' && new URL(url).origin === trimmed(url)
  )
}
