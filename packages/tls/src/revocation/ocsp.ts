import { createHash } from 'node:crypto'
import { days, later } from '@countersign/core/plugin'
import type { Outbound } from '@countersign/evidence'
import { OutboundError } from '@countersign/evidence'
import type { AsnType } from 'asn1js'
import { BitString, Integer, Null, ObjectIdentifier, OctetString, Sequence } from 'asn1js'
import type { SingleResponse } from 'pkijs'
import { BasicOCSPResponse, OCSPResponse } from 'pkijs'
import type { Certificate } from '../certificate/certificate.ts'
import { hexOf, readCertificate, serialOf } from '../certificate/certificate.ts'
import { DIGITAL_SIGNATURE, schemaOf } from '../certificate/extensions.ts'
import { isStrongSignature } from '../path/strength.ts'
import type { Status } from './crl.ts'
import { isSignedBy } from './signed.ts'

/** One question to a responder. */
export interface OcspQuestion {
  readonly url: string
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly now: Date
  readonly signal: AbortSignal
}

const MOST_BYTES = 65_536

/** Asks a responder (RFC 6960) about a certificate, or throws an `OutboundError` where its answer proves nothing. */
export async function askResponder(outbound: Outbound, question: OcspQuestion): Promise<Status> {
  const { url, signal } = question
  const asked = encodeURIComponent(requestFor(question))
  const { status, body } = await outbound.ask({
    // RFC 6960, A.1: what is asked stands in the path, in base64.
    url: `${url.replace(/\/$/, '')}/${asked}`,
    accept: 'application/ocsp-response',
    mostBytes: MOST_BYTES,
    signal,
  })
  if (status !== 200) throw new OutboundError('unexpected_status', { status })
  const answer = readAnswer(body, question)
  if (answer === undefined) throw new OutboundError('unexpected_content')
  return answer
}

/** 1.3.14.3.2.26, SHA-1: it only names the certificate, and every responder knows it. */
const SHA1 = '1.3.14.3.2.26'

function requestFor({ certificate, issuer }: OcspQuestion): string {
  const id = idOf(certificate, issuer)
  const certId = sequence(
    sequence(new ObjectIdentifier({ value: SHA1 }), new Null()),
    new OctetString({ valueHex: id.name }),
    new OctetString({ valueHex: id.key }),
    integerOf(certificate.serial),
  )
  // OCSPRequest, TBSRequest, a list of requests, one request.
  const request = sequence(sequence(sequence(sequence(certId))))
  return Buffer.from(request.toBER()).toString('base64')
}

function sequence(...value: AsnType[]): Sequence {
  return new Sequence({ value })
}

function integerOf(serial: string): Integer {
  const even = serial.length % 2 === 0 ? serial : `0${serial}`
  const bytes = Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, 'hex')
  return new Integer({ valueHex: Uint8Array.from(bytes) })
}

interface CertificateName {
  readonly name: Uint8Array
  readonly key: Uint8Array
  readonly serial: string
}

function idOf({ serial }: Certificate, issuer: Certificate): CertificateName {
  const spki = schemaOf(issuer.native.publicKey.export({ type: 'spki', format: 'der' }))
  const bits = spki instanceof Sequence ? spki.valueBlock.value[1] : undefined
  if (!(bits instanceof BitString)) throw new TypeError('A key has no other form')
  const key = sha1(bits.valueBlock.valueHexView)
  return { name: sha1(Buffer.from(issuer.subject, 'hex')), key, serial }
}

function sha1(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(createHash('sha1').update(bytes).digest())
}

function readAnswer(body: Uint8Array, question: OcspQuestion): Status | undefined {
  try {
    const { responseStatus, responseBytes } = OCSPResponse.fromBER(new Uint8Array(body))
    if (responseStatus.valueBlock.valueDec !== 0 || responseBytes === undefined) return undefined
    const basic = BasicOCSPResponse.fromBER(
      new Uint8Array(responseBytes.response.valueBlock.valueHexView),
    )
    if (!isAuthentic(basic, question)) return undefined
    const id = idOf(question.certificate, question.issuer)
    const single = basic.tbsResponseData.responses.find((one) => isAbout(one, id))
    return single && statusOf(single, question.now)
  } catch {
    // The reader throws what it likes at bytes that are no answer.
    return undefined
  }
}

function isAbout({ certID }: SingleResponse, { name, key, serial }: CertificateName): boolean {
  return (
    certID.hashAlgorithm.algorithmId === SHA1 &&
    hexOf(certID.issuerNameHash.valueBlock.valueHexView) === hexOf(name) &&
    hexOf(certID.issuerKeyHash.valueBlock.valueHexView) === hexOf(key) &&
    serialOf(certID.serialNumber.valueBlock.valueHexView) === serial
  )
}

/** RFC 6960, 4.2.2.2: the authority itself, or whom it certified for this and nothing else. */
function isAuthentic(
  { tbsResponseData, signature, signatureAlgorithm, certs = [] }: BasicOCSPResponse,
  { issuer, now }: OcspQuestion,
): boolean {
  const signed = {
    data: new Uint8Array(tbsResponseData.tbsView),
    signature: new Uint8Array(signature.valueBlock.valueHexView),
    algorithm: signatureAlgorithm.algorithmId,
  }
  const delegates = certs
    .slice(0, 4)
    .map((certificate) => readCertificate(new Uint8Array(certificate.toSchema(false).toBER())))
    .filter((one) => one !== undefined)
    .filter((one) => isDelegate(one, issuer, now))
  return [issuer, ...delegates].some(({ native }) => isSignedBy(signed, native.publicKey))
}

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9'

function isDelegate(delegate: Certificate, issuer: Certificate, now: Date): boolean {
  const { keyUsage = DIGITAL_SIGNATURE, usages = [], notBefore, notAfter, native } = delegate
  return (
    delegate.issuer === issuer.subject &&
    notBefore <= now &&
    now <= notAfter &&
    usages.includes(OCSP_SIGNING) &&
    (keyUsage & DIGITAL_SIGNATURE) !== 0 &&
    isStrongSignature(delegate.signatureAlgorithm) &&
    native.verify(issuer.native.publicKey)
  )
}

/** RFC 6960, 4.2.1: good and unknown are empty, revoked says when. */
function statusOf(
  { certStatus, thisUpdate, nextUpdate }: SingleResponse,
  now: Date,
): Status | undefined {
  const { tagNumber } = certStatus.idBlock as { readonly tagNumber: number }
  if (tagNumber === 1) return 'revoked'
  const end = nextUpdate ?? later(thisUpdate, days(1))
  // The responder's clock may be ahead of ours by a little.
  if (later(now, SKEW) < thisUpdate || now >= end) return undefined
  return tagNumber === 0 ? 'good' : 'unknown'
}

const SKEW = 60
