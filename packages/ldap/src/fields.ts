import type { SchemaOf } from '@countersign/core/plugin'
import { fromUtf8, toBase64Url } from '@countersign/core/plugin'
import { listOf, literal, objectOf, optional, text } from '@countersign/evidence'

/** What an entry must have: one of these values, among however many the attribute has. */
export interface FieldRule {
  /** The name of the attribute; case does not matter (RFC 4512, 2.5). */
  readonly attribute: string
  readonly values: readonly string[]
  /** How values are compared: as texts, exactly (the usual one) or without case, or as bytes, written in base64url. */
  readonly match?: 'exact' | 'ignoreCase' | 'base64url' | undefined
}

/** One entry of a directory. */
export interface Entry {
  readonly dn: string
  /** All values of each attribute, by its name in lower case. */
  readonly values: ReadonlyMap<string, readonly Uint8Array[]>
}

/** The values of an attribute as texts; what is no UTF-8 is none. */
export function textsOf({ values }: Entry, attribute: string): readonly string[] {
  const found = values.get(attribute.toLowerCase()) ?? []
  return found.map((value) => fromUtf8(value)).filter((value) => value !== undefined)
}

/** Tells whether an entry has one of the values that a rule names; an absent attribute has none. */
export function satisfiesField(entry: Entry, { attribute, values, match }: FieldRule): boolean {
  if (match === 'base64url') {
    const found = entry.values.get(attribute.toLowerCase()) ?? []
    return found.some((value) => values.includes(toBase64Url(value)))
  }
  const fold = (value: string): string =>
    match === 'ignoreCase' ? value.normalize('NFKC').toLowerCase() : value
  const wanted = new Set(values.map(fold))
  return textsOf(entry, attribute).some((value) => wanted.has(fold(value)))
}

/** The schema of the name of an attribute that may be read. */
export const attributeName: SchemaOf<string> = text(128, (name) => {
  if (!/^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9-]+)*$/.test(name))
    return 'must be the name of an attribute'
  return SECRETS.test(name) ? 'must not be the attribute of a password' : undefined
})

/** The schema of a rule about one attribute. */
export const fieldRule: SchemaOf<FieldRule> = objectOf<FieldRule>({
  attribute: attributeName,
  values: listOf(text(1024), 100),
  match: optional(literal('exact', 'ignoreCase', 'base64url')),
})

const SECRETS = /^(?:userPassword|2\.5\.4\.35|unicodePwd|(?:samba)?(?:NT|LM)Password)(?:;|$)/i
