import { Buffer } from 'node:buffer'
import type { KeyObject } from 'node:crypto'
import { sign } from 'node:crypto'

/** The parts of a token, as they are written. */
export interface WrittenToken {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** Reads a token without believing it. */
export function readToken(token: string): WrittenToken {
  const [header = '', claims = ''] = token.split('.')
  return { header: decode(header), claims: decode(claims) }
}

/** Writes what a signature would be over. */
export function writeToken({ header, claims }: WrittenToken): string {
  return `${encode(header)}.${encode(claims)}`
}

/** Signs with Ed25519 whatever it is handed. */
export function forge(token: WrittenToken, key: KeyObject): string {
  const input = writeToken(token)
  return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(segment: string): Readonly<Record<string, unknown>> {
  return JSON.parse(Buffer.from(segment, 'base64url').toString())
}
