import { Buffer } from 'node:buffer'
import type { KeyObject } from 'node:crypto'
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import type { Proof } from '../../src/model/confirmation.ts'
import type { WrittenToken } from './token.ts'
import { writeToken } from './token.ts'

/** The parts of a proof, as somebody may get them wrong. */
export interface ProofGiven {
  readonly header?: WrittenToken['header']
  readonly claims?: WrittenToken['claims']
  /** The token that it is made for. */
  readonly token?: string
}

/** Somebody who holds a key, and makes proofs with it (RFC 9449 section 4.2) without a line of ours. */
export interface Prover {
  readonly jwk: Readonly<Record<string, unknown>>
  readonly jkt: string
  /** A proof for one request at an instant. */
  proof(at: Date, given?: ProofGiven): Proof
}

type Algorithm = 'ES256' | 'EdDSA' | 'RS256'

const generators: Readonly<Record<Algorithm, () => KeyObject>> = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  EdDSA: () => generateKeyPairSync('ed25519').privateKey,
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
}

/** Where a proof is sent where nothing else is said. */
export const METHOD = 'GET'
export const URL_SENT = 'https://id.example.com/secrets'

/** Draws a key. */
export function aProver(algorithm: Algorithm = 'ES256'): Prover {
  const key = generators[algorithm]()
  const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...jwk } = key.export({ format: 'jwk' })
  const names = Object.keys(jwk).sort()
  const canonical = JSON.stringify(jwk, names)
  return {
    jwk,
    jkt: createHash('sha256').update(canonical).digest('base64url'),
    proof(at, { header, claims, token } = {}) {
      const ath = token && createHash('sha256').update(token).digest('base64url')
      const input = writeToken({
        header: { typ: 'dpop+jwt', alg: algorithm, jwk, ...header },
        claims: {
          jti: randomUUID(),
          htm: METHOD,
          htu: URL_SENT,
          iat: Math.floor(at.getTime() / 1000),
          ...(ath !== undefined && { ath }),
          ...claims,
        },
      })
      return { dpop: `${input}.${signed(algorithm, key, input)}`, method: METHOD, url: URL_SENT }
    },
  }
}

function signed(algorithm: Algorithm, key: KeyObject, input: string): string {
  const digest = algorithm === 'EdDSA' ? null : 'sha256'
  return sign(digest, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}
