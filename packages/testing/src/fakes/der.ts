// DER, as far as the fakes write it (X.690).

/** An element of some tag, around its parts. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.of(tag, ...size), content])
}

/** An element of indefinite length, as BER has it and AWS writes it (X.690, 8.1.3.6). */
export function endless(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([Uint8Array.of(tag, 0x80), ...parts, Uint8Array.of(0, 0)])
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]): Uint8Array => tagged(0x31, ...parts)
export const integer = (bytes: Uint8Array): Uint8Array => tagged(0x02, bytes)
export const octets = (bytes: Uint8Array): Uint8Array => tagged(0x04, bytes)
export const identifier = (hex: string): Uint8Array => tagged(0x06, Buffer.from(hex, 'hex'))
export const ascii = (text: string): Uint8Array => Buffer.from(text, 'latin1')
export const TRUE: Uint8Array = Uint8Array.of(0x01, 0x01, 0xff)
export const NULL: Uint8Array = Uint8Array.of(0x05, 0x00)
