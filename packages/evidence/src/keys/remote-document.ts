import type { Seconds } from '@countersign/core/plugin'
import { OutboundError } from '../outbound/network.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { readJson } from '../outbound/outbound.ts'
import { isPlainObject } from '../schema.ts'
import type { KeySet } from './key-set.ts'
import { readKeySet } from './key-set.ts'

/** Where an issuer keeps its keys. */
export interface KeyPlace {
  /** The issuer, whose discovery document must name exactly it; absent where `jwksUrl` alone is asked. */
  readonly issuer?: string
  /** Where the discovery document lies, if it is not below the issuer. */
  readonly discoveryUrl?: string
  /** Where the keys lie, if no discovery document says so. */
  readonly jwksUrl?: string
  readonly ca?: string
  /** What the `use` of a key may be; `sig` by default. */
  readonly uses?: readonly string[]
}

/** A key set as it was fetched. */
export interface FetchedKeys {
  readonly keys: KeySet
  /** Where they lay. */
  readonly jwksUrl: string
  /** How long the issuer lets them be repeated; absent where it does not say. */
  readonly maxAge?: Seconds
}

const MOST_BYTES = 256 * 1024
const ACCEPT_JSON = 'application/json'
/** A kube-apiserver answers 406 to anybody who does not ask for the second one. */
const ACCEPT_KEYS = 'application/json, application/jwk-set+json'

/** Asks an issuer where its keys lie; what it says of itself must be what the policy says of it. */
export async function discover(
  outbound: Outbound,
  place: KeyPlace,
  signal: AbortSignal,
): Promise<string> {
  const { issuer = '', discoveryUrl, ca } = place
  const url = discoveryUrlOf(discoveryUrl ?? issuer)
  const asked = { url, accept: ACCEPT_JSON, mostBytes: MOST_BYTES, signal }
  const document = readJson(
    await outbound.ask({ ...asked, ...(ca !== undefined && { ca }) }),
    [200],
  )
  if (!isPlainObject(document)) throw new OutboundError('unexpected_content')
  const { issuer: named, jwks_uri: jwksUrl } = document
  // OpenID Connect Discovery 1.0, 4.3: exactly the one that was asked for.
  if (named !== issuer || typeof jwksUrl !== 'string') throw new OutboundError('unexpected_content')
  return jwksUrl
}

/** Fetches a key set. */
export async function fetchKeys(
  outbound: Outbound,
  jwksUrl: string,
  { ca, uses }: KeyPlace,
  signal: AbortSignal,
): Promise<FetchedKeys> {
  const asked = { url: jwksUrl, accept: ACCEPT_KEYS, mostBytes: MOST_BYTES, signal }
  const answer = await outbound.ask({ ...asked, ...(ca !== undefined && { ca }) })
  const keys = readKeySet(readJson(answer, [200]), uses)
  if (keys === undefined) throw new OutboundError('unexpected_content')
  const maxAge = maxAgeOf(answer.headers['cache-control'])
  return { keys, jwksUrl, ...(maxAge !== undefined && { maxAge }) }
}

/** Where the discovery document of an issuer lies (OpenID Connect Discovery 1.0, 4.1). */
export function discoveryUrlOf(issuer: string): string {
  if (issuer.endsWith(WELL_KNOWN)) return issuer
  return `${issuer.replace(/\/$/, '')}${WELL_KNOWN}`
}

const WELL_KNOWN = '/.well-known/openid-configuration'

function maxAgeOf(header: string | undefined): Seconds | undefined {
  const found = /(?:^|[,\s])max-age=(\d{1,9})(?:$|[,\s])/.exec(header ?? '')
  return found?.[1] === undefined ? undefined : Number(found[1])
}
