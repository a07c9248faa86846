/** Encodes bytes as base64url without padding (RFC 4648, 5). */
export function toBase64Url(bytes: Uint8Array): string {
  if (!NativeBuffer) return encodeBase64Url(bytes)
  return NativeBuffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** Decodes base64url; `undefined` unless this is the one canonical spelling, without padding. */
export function fromBase64Url(text: string): Uint8Array | undefined {
  if (!NativeBuffer) return decodeBase64Url(text)
  const bytes = NativeBuffer.from(text, 'base64url')
  // The platform skips what it does not know; only the canonical spelling comes back unchanged.
  if (bytes.toString('base64url') !== text) return undefined
  return viewOf(bytes)
}

/** Encodes a text as UTF-8; a lone surrogate becomes U+FFFD. */
export function toUtf8(text: string): Uint8Array {
  return NativeBuffer ? viewOf(NativeBuffer.from(text, 'utf8')) : new TextEncoder().encode(text)
}

/** Decodes UTF-8; `undefined` where it is ill-formed, and a byte order mark stays in the text. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** Joins bytes, in order. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    joined.set(part, offset)
    offset += part.length
  }
  return joined
}

/** Encodes without the help of the platform. */
export function encodeBase64Url(bytes: Uint8Array): string {
  let text = ''
  let held = 0
  let bits = 0
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff
    bits += 8
    while (bits >= 6) {
      bits -= 6
      text += BASE64URL_DIGITS.charAt((held >> bits) & 63)
    }
  }
  return bits === 0 ? text : text + BASE64URL_DIGITS.charAt((held << (6 - bits)) & 63)
}

/** Decodes without the help of the platform. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  if (text.length % 4 === 1) return undefined
  const bytes = new Uint8Array((text.length * 3) >> 2)
  let held = 0
  let bits = 0
  let size = 0
  for (let index = 0; index < text.length; index += 1) {
    const value = digitValues[text.charCodeAt(index)]
    if (value === undefined || value < 0) return undefined
    held = ((held << 6) | value) & 0xfff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[size] = held >> bits
    size += 1
  }
  // RFC 4648, 3.5: the unused low bits are zero, or one value would have several spellings.
  return (held & ((1 << bits) - 1)) === 0 ? bytes : undefined
}

const BASE64URL_DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const digitValues: Readonly<Int8Array> = Int8Array.from({ length: 128 }, (_, code) =>
  BASE64URL_DIGITS.indexOf(String.fromCharCode(code)),
)

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function viewOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Node's and Bun's own codec is five times faster; an old polyfill of it does not know base64url. */
const NativeBuffer: typeof Buffer | undefined = globalThis.Buffer?.isEncoding?.('base64url')
  ? globalThis.Buffer
  : undefined
