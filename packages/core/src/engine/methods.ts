import { invalidRequest } from '../errors.ts'
import { isSlug } from '../lib/ids.ts'
import type { STATIC_TOKEN_METHOD } from '../model/static-token.ts'
import type { Verifier } from '../ports/verifier.ts'

/** Finds verifiers by the name of their method; two of one name are a mistake. */
export function indexVerifiers(verifiers: readonly Verifier[]): ReadonlyMap<string, Verifier> {
  const byMethod = new Map(verifiers.map((verifier) => [verifier.method, verifier]))
  if (!verifiers.every(({ method }) => typeof method === 'string' && isSlug(method)))
    throw invalidRequest('verifiers must have methods named in a-z 0-9 -')
  if (byMethod.size < verifiers.length)
    throw invalidRequest('verifiers must have methods of different names')
  return byMethod
}

/** The auth methods of one engine by name: what each stores as its policy, and what it is shown at a login. */
export interface MethodTable {
  readonly [method: string]: { readonly policy: unknown; readonly credential: unknown }
}

/** The auth methods that some verifiers bring. */
export type MethodsOf<Verifiers extends readonly Verifier[]> = {
  readonly [V in Verifiers[number] as V['method']]: V extends Verifier<
    string,
    infer Policy,
    infer Credential
  >
    ? { readonly policy: Policy; readonly credential: Credential }
    : never
}

/** The names of some methods. */
export type MethodName<Methods> = keyof Methods & string

/**
 * A login: which method, which identity, and the credential that this method takes. A static token names its identity, so
 * that `token` alone may leave it out.
 */
export type LoginRequest<Methods extends MethodTable> = {
  [M in MethodName<Methods>]: {
    readonly method: M
    readonly credential: Methods[M]['credential']
  } & (M extends typeof STATIC_TOKEN_METHOD
    ? { readonly identity?: string | undefined }
    : { readonly identity: string })
}[MethodName<Methods>]
