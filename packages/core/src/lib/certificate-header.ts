import { fromBase64Url } from './bytes.ts'

/**
 * How a proxy writes the certificate of its client into a header:
 *
 * - `url-pem`: percent-encoded PEM, as nginx (`$ssl_client_escaped_cert`) and AWS load balancers do; further ones are the chain.
 * - `base64-der`: base64 of the DER, as HAProxy (`%[ssl_c_der,base64]`), Azure and Cloudflare do.
 * - `rfc9440`: `Client-Cert` as in RFC 9440, 2.2: base64 of the DER between colons.
 */
export type CertificateFormat = 'url-pem' | 'base64-der' | 'rfc9440'

/** Where trusted proxies say which certificate the client proved to them. */
export interface CertificateHeader {
  /** Its name in lower case. */
  readonly header: string
  readonly format: CertificateFormat
}

/** Certificates as DER, the client's own first; `undefined` where there is none, or anything but certificates. */
export function readCertificateHeader(
  text: string,
  format: CertificateFormat,
): readonly Uint8Array[] | undefined {
  if (text.length > LONGEST_HEADER || !PRINTABLE.test(text)) return undefined
  return READERS[format](text)
}

type Reader = (text: string) => readonly Uint8Array[] | undefined

const READERS: Readonly<Record<CertificateFormat, Reader>> = {
  'url-pem': (text) => readPem(unescaped(text)),
  'base64-der': one,
  rfc9440: (text) =>
    text.length > 2 && text.startsWith(':') && text.endsWith(':')
      ? one(text.slice(1, -1))
      : undefined,
}

/** More than proxies let through, less than costs anything to read. */
const LONGEST_HEADER = 65_536
/** Two headers of one name arrive with a comma between them, which belongs to none of the forms. */
const PRINTABLE = /^[\x21-\x2b\x2d-\x7e]+$/

function one(text: string): readonly Uint8Array[] | undefined {
  const der = fromBase64(text)
  return der && [der]
}

/** A plus is a plus: AWS leaves it as it is. A percent sign before anything but two digits stays, and fits no PEM. */
function unescaped(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_escape, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  )
}

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

/** RFC 7468, strictly: certificates, line breaks between and within them, and nothing else. */
function readPem(text: string): readonly Uint8Array[] | undefined {
  const certificates: Uint8Array[] = []
  let rest = text.replace(/[\r\n]/g, '')
  while (rest !== '') {
    const end = rest.indexOf(END)
    if (!rest.startsWith(BEGIN) || end < 0) return undefined
    const der = fromBase64(rest.slice(BEGIN.length, end))
    if (der === undefined) return undefined
    certificates.push(der)
    rest = rest.slice(end + END.length)
  }
  return certificates.length === 0 ? undefined : certificates
}

function fromBase64(text: string): Uint8Array | undefined {
  if (text === '' || text.length % 4 !== 0 || /[-_]/.test(text)) return undefined
  return fromBase64Url(
    text
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/={1,2}$/, ''),
  )
}
