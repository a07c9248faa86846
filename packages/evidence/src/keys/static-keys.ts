import type { SchemaOf } from '@countersign/core/plugin'
import { chosen, isPlainObject, issue, objectOf, optional, schemaFrom, text } from '../schema.ts'
import type { KeySet } from './key-set.ts'
import { MOST_KEYS } from './key-set.ts'
import type { Jwk } from './public-key.ts'
import { readPem, refuseJwk, toPublicKey } from './public-key.ts'

/** One public key that a policy names: PEM or JWK, which `kid` tokens name it by, and until when it counts. */
export type StaticKey = {
  readonly kid?: string | undefined
  readonly notAfter?: string | undefined
} & (
  | { readonly pem: string; readonly jwk?: undefined }
  | { readonly jwk: Jwk; readonly pem?: undefined }
)

interface Common {
  readonly kid?: string
  readonly notAfter?: string
}

/** The schema of one key; what is private, symmetric, weak or no key is refused, and never repeated. */
export const staticKey: SchemaOf<StaticKey> = chosen((input) => {
  if (!isPlainObject(input)) return 'must be an object of pem or jwk'
  const common = { kid: optional(text(256)), notAfter: optional(text(32, refuseInstant)) }
  if ('pem' in input)
    return objectOf<Common & { readonly pem: string }>({
      ...common,
      pem: text(4096, refusePem),
    }) as SchemaOf<StaticKey>
  return objectOf<Common & { readonly jwk: Jwk }>({
    ...common,
    jwk: publicJwk,
  }) as SchemaOf<StaticKey>
})

/** A key set written into a policy. */
export interface InlineKeySet {
  readonly keys: readonly Jwk[]
}

/** The schema of an inline key set: every key in it must be one that checks signatures. */
export function inlineKeySet(uses: readonly string[]): SchemaOf<InlineKeySet> {
  return schemaFrom((input) => {
    const keys = isPlainObject(input) ? input['keys'] : undefined
    if (!Array.isArray(keys) || keys.length === 0) return issue('must be a key set with keys in it')
    if (keys.length > MOST_KEYS) return issue(`must hold at most ${MOST_KEYS} keys`)
    const problem = keys
      .map((key) => (isPlainObject(key) ? refuseJwk(key, uses) : 'must be an object'))
      .find((found) => found !== undefined)
    return problem === undefined
      ? { value: { keys } }
      : issue(`must hold public keys: each ${problem}`)
  })
}

/** Makes the key set of the keys of a policy. */
export function toKeySet(keys: readonly StaticKey[]): KeySet {
  return keys.map(({ pem, jwk, kid, notAfter }) => {
    const found = pem === undefined ? jwk : readPem(pem)
    if (found === undefined || typeof found === 'string')
      throw new TypeError('The key was not checked')
    return toPublicKey(
      kid === undefined ? found : { ...found, kid },
      notAfter === undefined ? undefined : new Date(notAfter),
    )
  })
}

const publicJwk: SchemaOf<Jwk> = schemaFrom((input) => {
  if (!isPlainObject(input)) return issue('must be a JWK')
  const problem = refuseJwk(input)
  return problem === undefined ? { value: input } : issue(problem)
})

function refusePem(pem: string): string | undefined {
  const read = readPem(pem)
  return typeof read === 'string' ? read : refuseJwk(read)
}

function refuseInstant(written: string): string | undefined {
  const isInstant =
    /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(written) && !Number.isNaN(Date.parse(written))
  return isInstant ? undefined : 'must be an instant in UTC, as in 2026-12-31T00:00:00Z'
}
