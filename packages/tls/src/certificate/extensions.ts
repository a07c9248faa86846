import type { AsnType } from 'asn1js'
import { BitString, fromBER } from 'asn1js'
import type { Extension, GeneralName } from 'pkijs'
import { AltName, BasicConstraints, ExtKeyUsage, InfoAccess, NameConstraints } from 'pkijs'
import type { Constraints } from './constraints.ts'
import { readConstraints } from './constraints.ts'
import type { AlternativeNames } from './names.ts'
import { readNames, Unreadable } from './names.ts'

/** What the extensions of a certificate say (RFC 5280, 4.2). */
export interface Extensions {
  readonly isAuthority: boolean
  readonly pathLength?: number
  /** The bits of its key usage, the first one highest; absent where every use is allowed. */
  readonly keyUsage?: number
  /** OIDs of its extended key usage. */
  readonly usages?: readonly string[]
  readonly names: AlternativeNames
  readonly constraints?: Constraints
  /** Where its issuer answers by OCSP. */
  readonly responders: readonly string[]
  /** Whether something that must be understood is not. */
  readonly hasUnknownCritical: boolean
}

/** RFC 5280, 4.2.1.3. */
export const DIGITAL_SIGNATURE = 0x80
/** RFC 5280, 4.2.1.3. */
export const KEY_CERT_SIGN = 0x04
/** RFC 5280, 4.2.1.3. */
export const CRL_SIGN = 0x02

const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALT_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const NAME_CONSTRAINTS = '2.5.29.30'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const AUTHORITY_INFO_ACCESS = '1.3.6.1.5.5.7.1.1'

/** Policies that nobody demands, and identifiers of keys, which only speed a search up. */
const HARMLESS: readonly string[] = ['2.5.29.14', '2.5.29.32', '2.5.29.35']
const UNDERSTOOD: readonly string[] = [
  KEY_USAGE,
  SUBJECT_ALT_NAME,
  BASIC_CONSTRAINTS,
  NAME_CONSTRAINTS,
  EXTENDED_KEY_USAGE,
  ...HARMLESS,
]

/** Reads extensions; one that is there twice makes the certificate unreadable. */
export function readExtensions(extensions: readonly Extension[]): Extensions {
  const ids = extensions.map(({ extnID }) => extnID)
  if (new Set(ids).size !== ids.length) throw new Unreadable()
  const read = <T>(id: string, parse: (schema: AsnType) => T): T | undefined => {
    const found = extensions.find(({ extnID }) => extnID === id)
    return found && parse(schemaOf(found.extnValue.valueBlock.valueHexView))
  }
  const basic = read(BASIC_CONSTRAINTS, (schema) => new BasicConstraints({ schema }))
  const keyUsage = read(KEY_USAGE, bitsOf)
  const usages = read(EXTENDED_KEY_USAGE, (schema) => new ExtKeyUsage({ schema }).keyPurposes)
  const constraints = read(NAME_CONSTRAINTS, (schema) =>
    readConstraints(new NameConstraints({ schema })),
  )
  const pathLength = lengthOf(basic)
  return {
    isAuthority: basic?.cA === true,
    ...(pathLength !== undefined && { pathLength }),
    ...(keyUsage !== undefined && { keyUsage }),
    ...(usages !== undefined && { usages }),
    names: readNames(read(SUBJECT_ALT_NAME, (schema) => new AltName({ schema }).altNames) ?? []),
    ...(constraints !== undefined && { constraints }),
    responders: read(AUTHORITY_INFO_ACCESS, respondersOf) ?? [],
    hasUnknownCritical: extensions.some(
      ({ critical, extnID }) => critical && !UNDERSTOOD.includes(extnID),
    ),
  }
}

/** Reads one DER value and nothing behind it. */
export function schemaOf(bytes: Uint8Array): AsnType {
  const { offset, result } = fromBER(new Uint8Array(bytes))
  if (offset !== bytes.length) throw new Unreadable()
  return result as AsnType
}

function bitsOf(schema: AsnType): number {
  if (!(schema instanceof BitString)) throw new Unreadable()
  return schema.valueBlock.valueHexView[0] ?? 0
}

function lengthOf(basic: BasicConstraints | undefined): number | undefined {
  const length = basic?.pathLenConstraint
  if (length === undefined) return undefined
  if (typeof length !== 'number' || length < 0) throw new Unreadable()
  return length
}

/** 1.3.6.1.5.5.7.48.1 at a URI. */
function respondersOf(schema: AsnType): readonly string[] {
  return new InfoAccess({ schema }).accessDescriptions
    .filter(({ accessMethod }) => accessMethod === '1.3.6.1.5.5.7.48.1')
    .map(({ accessLocation }) => accessLocation as GeneralName)
    .filter(({ type }) => type === 6)
    .map(({ value }) => String(value))
}
