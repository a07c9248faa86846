import type { KeyObject } from 'node:crypto'
import { createHash, verify } from 'node:crypto'
import type { Element } from './ber.ts'
import { readChildren, readElement, readOctets, Unreadable } from './ber.ts'

/** PKCS7 SignedData with its content inside, by one signer (RFC 2315, section 9). Nothing of it is believed yet. */
export interface SignedData {
  readonly content: Uint8Array
  /** The signed attributes as they are signed: with the tag of a set. */
  readonly attributes: Uint8Array
  /** The digest of the content that the attributes name. */
  readonly digest: Uint8Array
  readonly signature: Uint8Array
}

// Object identifiers, in hex as they are encoded.
const SIGNED_DATA = '2a864886f70d010702'
const DATA = '2a864886f70d010701'
const CONTENT_TYPE = '2a864886f70d010903'
const MESSAGE_DIGEST = '2a864886f70d010904'
const SHA256 = '608648016503040201'
/** rsaEncryption, which PKCS7 names, and sha256WithRSAEncryption, which some signers do. */
const RSA = ['2a864886f70d010101', '2a864886f70d01010b']

const OID = 0x06
const INTEGER = 0x02
const SEQUENCE = 0x30
const SET = 0x31
const ZERO = 0xa0

/** Reads the one shape that AWS signs; undefined for any other. */
export function readSignedData(bytes: Uint8Array): SignedData | undefined {
  try {
    return signedDataOf(readElement(bytes))
  } catch (error) {
    if (error instanceof Unreadable) return undefined
    throw error
  }
}

/** Tells whether a key signed it: the attributes by the signature, the content by the digest among them. */
export function isSignedBy(
  { content, attributes, digest, signature }: SignedData,
  key: KeyObject,
): boolean {
  const isWhole = createHash('sha256').update(content).digest().equals(digest)
  return isWhole && verify('sha256', attributes, key, signature)
}

function signedDataOf(outer: Element): SignedData {
  const [kind, wrapped] = only(expect(outer, SEQUENCE), 2)
  expectOid(kind, [SIGNED_DATA])
  const [inner] = only(expect(wrapped, ZERO), 1)
  const [version, digests, encapsulated, ...rest] = readChildren(expect(inner, SEQUENCE))
  expect(version, INTEGER)
  expect(digests, SET)
  const [type, box] = only(expect(encapsulated, SEQUENCE), 2)
  expectOid(type, [DATA])
  const [octets] = only(expect(box, ZERO), 1)
  const content = readOctets(octets ?? nothing())
  // Certificates and revocation lists may stand in between: whose key counts is ours to say.
  const [signer] = only(expect(rest.at(-1), SET), 1)
  return { content, ...signerOf(expect(signer, SEQUENCE)) }
}

function signerOf(signer: Element): Omit<SignedData, 'content'> {
  const [version, name, digest, signed, algorithm, signature] = readChildren(signer)
  expect(version, INTEGER)
  expect(name, SEQUENCE)
  expectAlgorithm(digest, [SHA256])
  expectAlgorithm(algorithm, RSA)
  // Without attributes the signature would be over the content itself, which could pass for attributes.
  const attributes = attributesOf(expect(signed, ZERO))
  expectOid(attributes.get(CONTENT_TYPE), [DATA])
  return {
    attributes: Uint8Array.of(SET, ...expect(signed, ZERO).whole.subarray(1)),
    digest: readOctets(attributes.get(MESSAGE_DIGEST) ?? nothing()),
    signature: readOctets(signature ?? nothing()),
  }
}

/** Each attribute once, with one value. */
function attributesOf(set: Element): ReadonlyMap<string, Element> {
  const attributes = new Map<string, Element>()
  for (const attribute of readChildren(set)) {
    const [type, values] = only(expect(attribute, SEQUENCE), 2)
    const [value] = only(expect(values, SET), 1)
    const name = oidOf(type)
    if (attributes.has(name) || value === undefined) throw new Unreadable('An attribute twice')
    attributes.set(name, value)
  }
  return attributes
}

function only(element: Element, count: number): readonly Element[] {
  const children = readChildren(element)
  if (children.length !== count) throw new Unreadable('Another number of elements')
  return children
}

function expect(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new Unreadable('Another element')
  return element
}

function oidOf(element: Element | undefined): string {
  return Buffer.from(expect(element, OID).content).toString('hex')
}

function expectOid(element: Element | undefined, allowed: readonly string[]): void {
  if (!allowed.includes(oidOf(element))) throw new Unreadable('Another identifier')
}

function expectAlgorithm(element: Element | undefined, allowed: readonly string[]): void {
  const [oid] = readChildren(expect(element, SEQUENCE))
  expectOid(oid, allowed)
}

function nothing(): never {
  throw new Unreadable('An element is missing')
}
