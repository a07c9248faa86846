import type { KeyObject } from 'node:crypto'
import type { SigningAlgorithm } from '@countersign/core'
import { createVerifier } from 'fast-jwt'
import type { CryptoKey, JWTVerifyResult } from 'jose'
import { importJWK, jwtVerify } from 'jose'
import { ISSUER } from '../workload/engine.ts'

/** fast-jwt as its page recommends it: one verifier, made once. */
export function createFastJwt(algorithm: SigningAlgorithm, key: KeyObject, cache: number | false) {
  return createVerifier({
    key:
      key.type === 'secret' ? key.export() : key.export({ type: 'spki', format: 'pem' }).toString(),
    algorithms: [algorithm],
    allowedIss: ISSUER,
    allowedAud: ISSUER,
    cache,
  })
}

/** jose with a CryptoKey, which is its fastest way. */
export async function createJose(
  algorithm: SigningAlgorithm,
  key: KeyObject,
): Promise<(token: string) => Promise<JWTVerifyResult>> {
  const imported = (await importJWK(key.export({ format: 'jwk' }), algorithm)) as CryptoKey
  const options = { issuer: ISSUER, audience: ISSUER, algorithms: [algorithm], typ: 'at+jwt' }
  return (token) => jwtVerify(token, imported, options)
}
