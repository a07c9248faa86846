import type { SchemaOf } from '@countersign/core/plugin'
import { recordOf, text } from '../schema.ts'
import type { ClaimPath } from './claim-path.ts'
import { claimAt, refuseClaimPath } from './claim-path.ts'

/** Which claims permission rules may refer to: the name that they use, and the claim that it stands for. */
export type AttestedClaims = Readonly<Record<string, ClaimPath>>

/** The schema of what is attested. */
export const attestedClaims: SchemaOf<AttestedClaims> = recordOf(
  text(256, refuseClaimPath),
  64,
  (name) => (NAME.test(name) ? undefined : 'must be 1 to 64 characters out of A-Z a-z 0-9 _ . -'),
)

const NAME = /^[A-Za-z0-9_.-]{1,64}$/

/**
 * Picks what is attested out of the claims of a token. Numbers and booleans become texts; the names of claims that are
 * absent, or hold more than one value, are answered instead: a rule that refers to one would be about nothing.
 */
export function attest(
  claims: Readonly<Record<string, unknown>>,
  attested: AttestedClaims = {},
): { readonly values: Readonly<Record<string, string>>; readonly missing: readonly string[] } {
  const found = Object.entries(attested).map(
    ([name, path]) => [name, textOf(claimAt(claims, path))] as const,
  )
  const present = found.filter((entry): entry is [string, string] => entry[1] !== undefined)
  const missing = found.filter(([, value]) => value === undefined).map(([name]) => name)
  return { values: Object.fromEntries(present), missing }
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : undefined
}
