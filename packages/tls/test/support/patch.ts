import { createPrivateKey, sign, X509Certificate } from 'node:crypto'

/** Exchanges bytes of a certificate, as many as there were, and has its authority (EC) sign what came of it. */
export function patched(pem: string, key: string, from: string, to: string): string {
  const { raw } = new X509Certificate(pem)
  const at = raw.indexOf(from)
  if (at < 0 || from.length !== to.length) throw new Error('There is nothing to exchange')
  const changed = Buffer.concat([
    raw.subarray(0, at),
    Buffer.from(to),
    raw.subarray(at + to.length),
  ])
  const whole = contentOf(changed)
  const body = elementAt(whole, 0)
  const algorithm = elementAt(whole, body.length)
  const signature = sign('sha256', body, createPrivateKey(key))
  const bits = tagged(0x03, Buffer.concat([Uint8Array.of(0), signature]))
  const der = tagged(0x30, Buffer.concat([body, algorithm, bits]))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

function headOf(bytes: Buffer): { readonly head: number; readonly length: number } {
  const first = bytes[1] ?? 0
  if (first < 0x80) return { head: 2, length: first }
  const size = first & 0x7f
  return { head: 2 + size, length: bytes.readUIntBE(2, size) }
}

function elementAt(bytes: Buffer, offset: number): Buffer {
  const { head, length } = headOf(bytes.subarray(offset))
  return bytes.subarray(offset, offset + head + length)
}

function contentOf(bytes: Buffer): Buffer {
  return bytes.subarray(headOf(bytes).head)
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Uint8Array.of(tag, ...size), content])
}
