/** What one build answers at once and the other with a promise; `await` serves both. */
export type MaybePromise<T> = T | Promise<T>

/** The JWS algorithms (RFC 7518, RFC 8037) that are ever signed or verified with. */
export type SigningAlgorithm = 'EdDSA' | 'ES256' | 'RS256' | 'HS256'

/** Answers the raw JWS signature of `data`. */
export type Sign = (data: Uint8Array) => MaybePromise<Uint8Array>

/** Tells whether `signature` is the raw JWS signature of `data`; never throws. */
export type Verify = (data: Uint8Array, signature: Uint8Array) => MaybePromise<boolean>

/** A JSON Web Key (RFC 7517); declared here because its global twin exists only where the DOM does. */
export interface JsonWebKey {
  readonly kty?: string
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  readonly d?: string
  readonly p?: string
  readonly q?: string
  readonly dp?: string
  readonly dq?: string
  readonly qi?: string
  readonly k?: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly [member: string]: unknown
}
