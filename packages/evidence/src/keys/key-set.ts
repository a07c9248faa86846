import { isPlainObject } from '../schema.ts'
import type { JwtAlgorithm } from './algorithms.ts'
import type { PublicKey } from './public-key.ts'
import { refuseJwk, toPublicKey } from './public-key.ts'

/** The keys of one issuer at one time. */
export type KeySet = readonly PublicKey[]

/** The most keys of one issuer. */
export const MOST_KEYS = 100

/** Reads a key set (RFC 7517, 5); keys of a kind that checks no signatures are left aside. `undefined` where it is none. */
export function readKeySet(
  document: unknown,
  uses: readonly string[] = ['sig'],
): KeySet | undefined {
  if (!isPlainObject(document)) return undefined
  const { keys } = document
  if (!Array.isArray(keys) || keys.length > MOST_KEYS) return undefined
  return keys
    .filter(isPlainObject)
    .filter((jwk) => refuseJwk(jwk, uses) === undefined)
    .map((jwk) => toPublicKey(jwk))
}

/** What a token says about the key that signed it. */
export interface KeyWanted {
  readonly kid: string | undefined
  readonly algorithm: JwtAlgorithm
}

/** Why no key was found. */
export type KeyRefusal = 'unknown_key' | 'ambiguous_key' | 'key_expired' | 'key_not_for_algorithm'

/**
 * Picks the one key that a token names. Without a `kid` there must be one that fits: none are tried in turn, or whoever
 * holds any of them could speak as the others.
 */
export function pickKey(
  set: KeySet,
  { kid, algorithm }: KeyWanted,
  now: Date,
): PublicKey | KeyRefusal {
  const named = kid === undefined ? set : set.filter((key) => key.kid === kid)
  if (named.length === 0) return 'unknown_key'
  const fitting = named.filter(({ algorithms }) => algorithms.includes(algorithm))
  if (fitting.length === 0) return 'key_not_for_algorithm'
  const living = fitting.filter(({ notAfter }) => notAfter === undefined || now < notAfter)
  const [key, another] = living
  if (key === undefined) return 'key_expired'
  return another === undefined ? key : 'ambiguous_key'
}
