import type { InlineKeySet, KeySource, Members, Outbound, StaticKey } from '@countersign/evidence'
import { inlineKeySet, listOf, optional, staticKey, text } from '@countersign/evidence'
import { certificates } from './certificates.ts'

/** Where the keys of an issuer without discovery are: exactly one of a URL, a key set, and keys. */
export interface KeysAt {
  readonly jwksUrl?: string | undefined
  /** Certificates (PEM) that the server of `jwksUrl` is trusted by, instead of the system's. */
  readonly ca?: string | undefined
  /** A key set, written down. */
  readonly jwks?: InlineKeySet | undefined
  /** Keys, written down; each may end by itself. */
  readonly keys?: readonly StaticKey[] | undefined
}

/** What the `use` of keys may be, over all platforms: a policy is checked before its profile is known. */
const USES: readonly string[] = ['sig', 'jwt-svid']

/** The members that say where keys are. */
export function keyMembers({ egress }: Outbound): Members<KeysAt> {
  return {
    jwksUrl: optional(text(1024, egress.refuse)),
    ca: optional(certificates),
    jwks: optional(inlineKeySet(USES)),
    keys: optional(listOf(staticKey, 20)),
  }
}

/** Says why keys are nowhere, or at two places. */
export function refuseKeysAt({ jwksUrl, jwks, keys, ca }: KeysAt): string | undefined {
  const places = [jwksUrl, jwks, keys].filter((place) => place !== undefined)
  if (places.length !== 1) return 'must have exactly one of jwksUrl, jwks and keys'
  return ca !== undefined && jwksUrl === undefined ? 'must have a ca with jwksUrl only' : undefined
}

/** The source of the keys that a policy names. */
export function keySourceOf(
  { jwksUrl, ca, jwks, keys = [] }: KeysAt,
  uses: readonly string[] = ['sig'],
): KeySource {
  if (jwksUrl !== undefined)
    return { from: 'issuer', jwksUrl, uses, ...(ca !== undefined && { ca }) }
  return jwks === undefined ? { from: 'policy', keys } : { from: 'inline', jwks, uses }
}
