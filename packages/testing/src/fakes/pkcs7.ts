import type { KeyObject } from 'node:crypto'
import { createHash, sign } from 'node:crypto'
import { ascii, endless, identifier, integer, NULL, octets, sequence, set, tagged } from './der.ts'

/**
 * Signs a content as AWS signs instance identity documents: PKCS7 SignedData with the content inside and no certificate,
 * in BER of indefinite length; in base64 by lines of 64.
 */
export function signPkcs7(content: Uint8Array, key: KeyObject, at: Date): string {
  const one = integer(Uint8Array.of(1))
  const inside = endless(0x30, DATA, endless(0xa0, endless(0x24, octets(content))))
  const signer = signerInfo(content, key, at)
  const data = endless(0x30, one, set(SHA256), inside, set(signer))
  const whole = endless(0x30, SIGNED_DATA, endless(0xa0, data))
  return Buffer.from(whole)
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
}

/** RFC 2315, section 9.2: the attributes are signed as a set, and stand there under another tag. */
function signerInfo(content: Uint8Array, key: KeyObject, at: Date): Uint8Array {
  const time = `${at.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`
  const attributes = [
    sequence(CONTENT_TYPE, set(DATA)),
    sequence(SIGNING_TIME, set(tagged(0x17, ascii(time)))),
    sequence(MESSAGE_DIGEST, set(octets(createHash('sha256').update(content).digest()))),
  ]
  const signature = sign('sha256', set(...attributes), key)
  const one = integer(Uint8Array.of(1))
  return sequence(one, NAME, SHA256, tagged(0xa0, ...attributes), RSA, octets(signature))
}

const SIGNED_DATA = identifier('2a864886f70d010702')
const DATA = identifier('2a864886f70d010701')
const CONTENT_TYPE = identifier('2a864886f70d010903')
const MESSAGE_DIGEST = identifier('2a864886f70d010904')
const SIGNING_TIME = identifier('2a864886f70d010905')
const SHA256 = sequence(identifier('608648016503040201'), NULL)
const RSA = sequence(identifier('2a864886f70d010101'), NULL)
/** The issuer and the number of a certificate that nobody looks up. */
const NAME = sequence(
  sequence(set(sequence(identifier('550403'), tagged(0x0c, ascii('Amazon Web Services'))))),
  integer(Uint8Array.of(1)),
)
