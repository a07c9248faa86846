import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { ascii, identifier, integer, octets, sequence, TRUE, tagged } from './der.ts'

/** A certificate with its key, both in PEM. */
export interface FakeCertificate {
  readonly cert: string
  readonly key: string
}

/** An authority that nobody trusts unless its certificate is configured. */
export interface FakeAuthority {
  /** Its own certificate, in PEM. */
  readonly ca: string
  /** Makes a server's certificate for some names and IPv4 addresses. */
  readonly issue: (names: readonly string[]) => FakeCertificate
  /** Makes a certificate for somebody's key, whatever it is used for; in PEM. */
  readonly certify: (subject: string, publicKey: KeyObject) => string
}

/** Creates a certificate authority for one test: P-256, valid until 2049. */
export function fakeAuthority(name = 'Countersign test authority'): FakeAuthority {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const self = { issuer: name, subject: name, publicKey, signer: privateKey }
  const ca = certificate({ ...self, extensions: [AUTHORITY, KEY_CERT_SIGN] })
  return Object.freeze({
    ca,
    certify: (subject: string, publicKey: KeyObject) =>
      certificate({ issuer: name, subject, publicKey, signer: privateKey, extensions: [LEAF] }),
    issue(names: readonly string[]) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const [subject = 'server'] = names
      const leaf = { issuer: name, subject, publicKey: pair.publicKey, signer: privateKey }
      return {
        cert: certificate({ ...leaf, extensions: [SERVER, alternativeNames(names)] }),
        key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      }
    },
  })
}

interface Certified {
  readonly issuer: string
  readonly subject: string
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Uint8Array[]
}

/** RFC 5280, 4.1: just enough of it for a handshake. */
function certificate({ issuer, subject, publicKey, signer, extensions }: Certified): string {
  const body = sequence(
    tagged(0xa0, integer(Uint8Array.of(2))),
    integer(Uint8Array.of(1, ...randomBytes(8))),
    ECDSA_WITH_SHA256,
    nameOf(issuer),
    sequence(tagged(0x17, ascii('200101000000Z')), tagged(0x17, ascii('491231235959Z'))),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, signer)
  const whole = sequence(body, ECDSA_WITH_SHA256, tagged(0x03, Uint8Array.of(0), signature))
  const lines =
    Buffer.from(whole)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'))

/** A name with a common name (2.5.4.3) alone. */
function nameOf(text: string): Uint8Array {
  const attribute = sequence(identifier('550403'), tagged(0x0c, Buffer.from(text)))
  return sequence(tagged(0x31, attribute))
}

/** 2.5.29.19: an authority. */
const AUTHORITY = sequence(identifier('551d13'), TRUE, octets(sequence(TRUE)))
/** 2.5.29.19: no authority. */
const LEAF = sequence(identifier('551d13'), octets(sequence()))
/** 2.5.29.15: keyCertSign. */
const KEY_CERT_SIGN = sequence(identifier('551d0f'), TRUE, octets(Uint8Array.of(3, 2, 2, 4)))
/** 2.5.29.37: serverAuth (1.3.6.1.5.5.7.3.1). */
const SERVER = sequence(identifier('551d25'), octets(sequence(identifier('2b06010505070301'))))

/** 2.5.29.17: names, and addresses as four bytes. */
function alternativeNames(names: readonly string[]): Uint8Array {
  const entries = names.map((name) =>
    /^[0-9.]+$/.test(name)
      ? tagged(0x87, Uint8Array.from(name.split('.').map(Number)))
      : tagged(0x82, ascii(name)),
  )
  return sequence(identifier('551d11'), octets(sequence(...entries)))
}
