import { formatAddress, fromUtf8, parseAddress } from '@countersign/core/plugin'
import type { AttributeTypeAndValue, GeneralName } from 'pkijs'

/** A part of a certificate that cannot be read for certain. Such a certificate is nobody's. */
export class Unreadable extends Error {
  constructor() {
    super('The certificate cannot be read')
    this.name = 'Unreadable'
  }
}

/** What the subject of a certificate says, attribute by attribute. */
export interface SubjectNames {
  readonly commonNames: readonly string[]
  readonly organizationalUnits: readonly string[]
  readonly emails: readonly string[]
  /** All attributes in their order, as `type=text`: for constraints over directory names. */
  readonly directory: readonly string[]
}

/** The alternative names of a certificate, and those that a constraint speaks of: in one spelling each. */
export interface AlternativeNames {
  /** In lower case. */
  readonly dnsNames: readonly string[]
  /** The domain in lower case. */
  readonly emails: readonly string[]
  readonly uris: readonly string[]
  /** As core writes addresses. */
  readonly ipAddresses: readonly string[]
  readonly directories: readonly (readonly string[])[]
  /** Whether there are names of kinds that nothing here understands. */
  readonly others: boolean
}

/** The most names of one certificate. */
export const MOST_NAMES = 100

const COMMON_NAME = '2.5.4.3'
const ORGANIZATIONAL_UNIT = '2.5.4.11'
const EMAIL_ADDRESS = '1.2.840.113549.1.9.1'
const COMPARED: readonly string[] = [COMMON_NAME, ORGANIZATIONAL_UNIT, EMAIL_ADDRESS]

/** Reads a subject from its DER, never from a text: in a text, a value may look like an attribute. */
export function readSubject(attributes: readonly AttributeTypeAndValue[]): SubjectNames {
  if (attributes.length > MOST_NAMES) throw new Unreadable()
  const of = (wanted: string): readonly string[] =>
    attributes.filter(({ type }) => type === wanted).map(plainTextOf)
  for (const attribute of attributes) if (COMPARED.includes(attribute.type)) plainTextOf(attribute)
  return {
    commonNames: of(COMMON_NAME),
    organizationalUnits: of(ORGANIZATIONAL_UNIT),
    emails: of(EMAIL_ADDRESS).map(toEmail),
    directory: directoryOf(attributes),
  }
}

/** Every attribute by its type and its text, in the spelling that names are compared in (RFC 5280, 7.1). */
export function directoryOf(attributes: readonly AttributeTypeAndValue[]): readonly string[] {
  return attributes.map(({ type, value }) => `${type}=${folded(value)}`)
}

function folded(value: AttributeTypeAndValue['value']): string {
  const bytes = Buffer.from(rawOf(value))
  const encoding = ENCODINGS[value.idBlock.tagNumber]
  if (encoding === undefined) return `#${bytes.toString('hex')}`
  const text = encoding === 'utf16le' ? bytes.swap16().toString(encoding) : bytes.toString(encoding)
  return text.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, ' ')
}

/** How the string types are written: UTF8String, PrintableString, TeletexString, IA5String, BMPString. */
const ENCODINGS: Readonly<Record<number, 'utf8' | 'latin1' | 'utf16le' | undefined>> = {
  12: 'utf8',
  19: 'latin1',
  20: 'latin1',
  22: 'latin1',
  30: 'utf16le',
}

/** UTF8String, PrintableString, IA5String: what else there is has had more than one reading. */
const PLAIN_STRINGS: readonly number[] = [12, 19, 22]

/** Letters, marks, digits, signs and blanks: nothing that hides, and nothing that ends a text early. */
const VISIBLE = /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u

function plainTextOf({ value }: AttributeTypeAndValue): string {
  if (!PLAIN_STRINGS.includes(value.idBlock.tagNumber)) throw new Unreadable()
  const text = fromUtf8(rawOf(value))
  if (text === undefined || !VISIBLE.test(text)) throw new Unreadable()
  return text
}

function rawOf(value: AttributeTypeAndValue['value']): Uint8Array {
  const { valueHexView } = value.valueBlock as { readonly valueHexView: Uint8Array }
  return new Uint8Array(valueHexView)
}

/** Reads general names (RFC 5280, 4.2.1.6); what is no name of its kind makes the certificate unreadable. */
export function readNames(names: readonly GeneralName[]): AlternativeNames {
  if (names.length > MOST_NAMES) throw new Unreadable()
  const of = <T>(kind: number, read: (value: unknown) => T): readonly T[] =>
    names.filter(({ type }) => type === kind).map(({ value }) => read(value))
  return {
    emails: of(1, (value) => toEmail(asciiOf(value))),
    dnsNames: of(2, (value) => toHost(asciiOf(value))),
    directories: of(4, (value) => directoryOf((value as Directory).typesAndValues)),
    uris: of(6, toUri),
    ipAddresses: of(7, toAddress),
    others: names.some(({ type }) => ![1, 2, 4, 6, 7].includes(type)),
  }
}

interface Directory {
  readonly typesAndValues: readonly AttributeTypeAndValue[]
}

const ASCII = /^[\x21-\x7e]{1,2048}$/

function asciiOf(value: unknown): string {
  if (typeof value !== 'string' || !ASCII.test(value)) throw new Unreadable()
  return value
}

/** Host names, also with a star in front; a star is compared as a star. */
const HOST = /^(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/

function toHost(text: string): string {
  const host = text.toLowerCase()
  if (!HOST.test(host) || host.includes('..')) throw new Unreadable()
  return host
}

/** RFC 5280, 7.5: the local part as it is, the host without regard to case. */
export function toEmail(text: string): string {
  const at = text.lastIndexOf('@')
  if (at < 1 || !ASCII.test(text) || text.indexOf('@') !== at) throw new Unreadable()
  return text.slice(0, at + 1) + toHost(text.slice(at + 1))
}

function toUri(value: unknown): string {
  const uri = asciiOf(value)
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(uri)) throw new Unreadable()
  return uri
}

function toAddress(value: unknown): string {
  const address = parseAddress(addressTextOf((value as Octets).valueBlock.valueHexView))
  if (address === undefined) throw new Unreadable()
  return formatAddress(address)
}

function addressTextOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  return bytes.length === 16 ? groupsOf(bytes) : ''
}

interface Octets {
  readonly valueBlock: { readonly valueHexView: Uint8Array }
}

function groupsOf(bytes: Uint8Array): string {
  return Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  ).join(':')
}
