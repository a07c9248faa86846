/** The length of an AES-GCM tag in bytes. */
export const TAG_LENGTH = 16

/** Throws a `TypeError` unless the key has 256 bits and the nonce 96 (NIST SP 800-38D, 5.2.1.1). */
export function assertAesGcmInputs(key: Uint8Array, iv: Uint8Array): void {
  if (key.length !== 32) throw new TypeError('An AES-256 key has 32 bytes')
  if (iv.length !== 12) throw new TypeError('An AES-GCM nonce has 12 bytes')
}
