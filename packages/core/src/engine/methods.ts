import { invalidRequest } from '../errors.ts'
import type { AuthMethodChange, AuthMethodKey, AuthMethodSettings } from '../input/auth-method.ts'
import type { EnsuredIdentity, NewIdentity } from '../input/identity.ts'
import { isSlug } from '../lib/ids.ts'
import type { STATIC_TOKEN_METHOD } from '../model/static-token.ts'
import type { Verifier } from '../ports/verifier.ts'
import type { AuthMethods } from './auth-methods.ts'
import type { Identities } from './identities.ts'
import type { HostManagement, Management } from './management.ts'

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

type MethodName<Methods> = keyof Methods & string

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

type SettingsOf<Methods extends MethodTable, M extends MethodName<Methods>> = Omit<
  AuthMethodSettings,
  'policy'
> & {
  readonly policy?: Methods[M]['policy'] | undefined
}

type NamedMethodOf<Methods extends MethodTable> = {
  [M in MethodName<Methods>]: SettingsOf<Methods, M> & { readonly method: M }
}[MethodName<Methods>]

type KeyOf<Methods extends MethodTable> = AuthMethodKey<MethodName<Methods>>

type WithMethod<Wanted, Methods extends MethodTable> = Omit<Wanted, 'authMethod'> & {
  readonly authMethod?: NamedMethodOf<Methods> | undefined
}

/** Management in the words of one engine's auth methods: another method, or another method's policy, does not compile. */
export interface TypedManagement<Methods extends MethodTable>
  extends Omit<Management, 'identities' | 'authMethods'> {
  readonly identities: Identities<
    WithMethod<NewIdentity, Methods>,
    WithMethod<EnsuredIdentity, Methods>
  >
  readonly authMethods: AuthMethods<
    Omit<AuthMethodKey, 'method'> & NamedMethodOf<Methods>,
    Omit<AuthMethodKey, 'method'> & NamedMethodOf<Methods> & Pick<AuthMethodChange, 'revision'>,
    KeyOf<Methods>
  >
}

/** The host's own management in the words of one engine's auth methods. */
export type TypedHostManagement<Methods extends MethodTable> = TypedManagement<Methods> &
  Omit<HostManagement, keyof Management>
