import type { KeyObject } from 'node:crypto'
import type { SigningAlgorithm } from '@countersign/core'
import { ISSUER } from '../workload/engine.ts'
import type { Claims } from '../workload/signing.ts'
import { claimsOf, rawVerifiers } from '../workload/signing.ts'

/** Checks a token as one would by hand: take apart, compare, verify. Answers undefined for a bad one. */
export function createRawCheck(
  algorithm: SigningAlgorithm,
  key: KeyObject,
): (token: string) => Claims | undefined {
  const verify = rawVerifiers[algorithm]

  return (token) => {
    const first = token.indexOf('.')
    const second = token.indexOf('.', first + 1)
    const header = JSON.parse(Buffer.from(token.slice(0, first), 'base64url').toString('utf8'))
    if (header.alg !== algorithm || header.typ !== 'at+jwt') return undefined
    const payload = Buffer.from(token.slice(first + 1, second), 'base64url').toString('utf8')
    const claims: Claims = JSON.parse(payload)
    if (claims.iss !== ISSUER || claims.aud !== ISSUER) return undefined
    if (Date.now() >= claims.exp * 1000) return undefined
    const signature = Buffer.from(token.slice(second + 1), 'base64url')
    return verify(Buffer.from(token.slice(0, second)), key, signature) ? claims : undefined
  }
}

/** Remembers checked tokens in a map, with a generation for each subject: the least that a hot path can do. */
export function createMapCheck(tokens: readonly string[]): (token: string) => Claims | undefined {
  const known = new Map(tokens.map((token) => [token, claimsOf(token)]))
  const generations = new Map([...known.values()].map(({ sub, gen }) => [sub, gen]))

  return (token) => {
    const claims = known.get(token)
    if (claims === undefined || Date.now() >= claims.exp * 1000) return undefined
    return generations.get(claims.sub) === claims.gen ? claims : undefined
  }
}
