import { drawBase62, isBase62Code, toBase62Word } from './base62.ts'
import type { Random } from './ids.ts'

/** What a secret says about itself, for scanners to find it by. */
export interface SecretForm {
  readonly prefix: string
  readonly kind: string
}

/** Mints a secret: prefix, kind, 256 random bits in base62, and a checksum of all of it. */
export function mintSecret(form: SecretForm, random: Random): string {
  const body = `${labelOf(form)}${drawBase62(RANDOM_LENGTH, random)}`
  return body + toBase62Word(crc32(body, body.length))
}

/** Tells whether a text has the form of a minted secret, checksum included, before anybody is asked about it. */
export function hasSecretForm(text: string, form: SecretForm): boolean {
  const label = labelOf(form)
  if (text.length !== label.length + RANDOM_LENGTH + CHECKSUM_LENGTH) return false
  if (!text.startsWith(label)) return false
  for (let index = label.length; index < text.length; index += 1)
    if (!isBase62Code(text.charCodeAt(index))) return false
  const bodyLength = text.length - CHECKSUM_LENGTH
  return text.endsWith(toBase62Word(crc32(text, bodyLength)))
}

/** Takes out of a text whatever looks like a secret of ours or like a JWT: for texts that anybody may have sent. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRET_LIKE, '[redacted]')
}

/**
 * Answers a frozen copy of a record with secret members beside it that can be read by name and by nothing else.
 *
 * They are not enumerable, so no serialiser, copy or key list meets them, and they are getters, so a printer that lists
 * hidden members has no value to print.
 */
export function hideSecrets<T extends object, S extends object>(record: T, secrets: S): T & S {
  const answer = { ...record }
  // What an earlier call hid is not among what was copied.
  for (const name of Object.getOwnPropertyNames(record))
    if (!Object.hasOwn(answer, name)) hide(answer, name, () => Reflect.get(record, name))
  for (const [name, value] of Object.entries(secrets)) hide(answer, name, () => value)
  Object.defineProperty(answer, INSPECT, { value: inspectRedacted, enumerable: false })
  return Object.freeze(answer) as T & S
}

function hide(record: object, name: string, get: () => unknown): void {
  Object.defineProperty(record, name, { get, enumerable: false })
}

const SECRET_LIKE = /[a-z][a-z0-9]{1,15}_(?:cs|st)_[0-9A-Za-z]{49}|eyJ[\w-]{8,}\.[\w.-]+/g

/** 62^43 is the first power above 2^256. */
const RANDOM_LENGTH = 43
const CHECKSUM_LENGTH = 6

/** Registered, so that printing needs no import of `node:util`. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

function labelOf({ prefix, kind }: SecretForm): string {
  return `${prefix}_${kind}_`
}

/** The reflected polynomial of CRC-32 (ISO 3309, as in zlib and PNG), by byte. */
const crcTable: Readonly<Uint32Array> = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit += 1)
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1
  return remainder
})

function crc32(text: string, length: number): number {
  let sum = 0xffffffff
  for (let index = 0; index < length; index += 1)
    sum = (sum >>> 8) ^ (crcTable[(sum ^ text.charCodeAt(index)) & 255] ?? 0)
  return ~sum >>> 0
}

/** Prints the record with the names of its secrets, never their values. */
function inspectRedacted(
  this: object,
  _depth: number,
  options: object,
  inspect: (value: unknown, options: object) => string,
): string {
  const hidden = Object.getOwnPropertyNames(this).filter(
    (name) => !Object.prototype.propertyIsEnumerable.call(this, name),
  )
  const redacted = Object.fromEntries(hidden.map((name) => [name, '[redacted]']))
  return inspect({ ...this, ...redacted }, options)
}
