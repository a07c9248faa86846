import type { SchemaOf } from '../lib/schema.ts'
import type { Attestation } from '../model/attestation.ts'
import type { StoredCredential } from '../model/credential.ts'
import type { Identity } from '../model/identity.ts'
import type { Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type { OAuthMapping, WireMapping } from './wire-mapping.ts'

/** One check of a credential, as the audit trail and a rehearsal tell of it. */
export interface Check {
  /** Which one: words, and no data of the credential. */
  readonly name: string
  readonly passed: boolean
  /** What the policy wants, redacted by whoever checks. */
  readonly expected?: string
  /** What was shown, redacted by whoever checks: no secret, and nothing at length that no signature proved. */
  readonly presented?: string
}

/** What a verifier is handed beside the credential. It sees no store, and no other identity's data. */
export interface VerifierContext<Policy> {
  readonly policy: Policy
  /** The identity that the caller claims to be. */
  readonly identity: Identity
  /** The stored credential that `locate` named, where there is one of this identity. */
  readonly stored?: StoredCredential
  readonly source: Source
  readonly now: Date
  /** Aborts at the engine's deadline; hand it on to every outbound call. */
  readonly signal: AbortSignal
  readonly fetch: typeof globalThis.fetch
  /** Notes a check: the first that failed is named in the event of the refusal, all of them in a rehearsal. */
  readonly check: (check: Check) => void
  /** Notes what an operator should hear of although the login goes on, in one word; it stands in the event. */
  readonly notice: (word: string) => void
  /** True in an administrator's dry run: a verifier may then go on to the checks behind one that failed. */
  readonly rehearsal: boolean
}

/** The part of a policy that an auth template may hold. An auth method that names one states none of it by itself. */
export interface TemplateForm {
  /** The names of its members. What leads to a secret belongs to them: who may choose the server is told the password. */
  readonly members: readonly string[]
  readonly policy: SchemaOf<unknown>
}

/**
 * Appraises one kind of credential against a policy (RFC 9334). The engine owns the pipeline around it: addresses,
 * lockout, expiry, uses, events and the token itself.
 *
 * 1. `verify` MUST answer an attestation only if the credential satisfies the policy at `now`.
 * 2. `verify` MUST answer a rejection where the credential is at fault, and throw where it could not tell.
 * 3. `verify` MUST NOT change anything: what a login costs is named in `charges`.
 * 4. `locate` and `countedBy` MUST be pure, and the same for equal credentials.
 * 5. `policy` MUST refuse a policy that constrains nothing, unless the credential itself was issued for one identity.
 * 6. `verify` MUST NOT note a check that failed beside an attestation, and MUST answer the same in a rehearsal.
 * 7. `verify` MUST NOT show a check what it must not show: the credential itself.
 * 8. `refusePolicy` MUST NOT change anything, and MUST throw where it could not tell.
 * 9. Whether `template.policy` admits a part MUST NOT depend on what completes it: a template that changed fits every policy
 *    that it fitted before.
 */
export interface Verifier<Method extends string = string, Policy = unknown, Credential = unknown> {
  readonly method: Method
  /** True where the credential may be guessed (a password): lockout then has a ceiling over all sources. */
  readonly guessable?: boolean
  readonly policy: SchemaOf<Policy>
  readonly credential: SchemaOf<Credential>
  /**
   * The members of the policy that are secrets, as paths of names: `reviewer.token`. The engine seals them when a policy is
   * saved, opens them for `verify` alone, and answers `[sealed]` to whoever reads the policy.
   */
  readonly secrets?: readonly string[]
  /**
   * The members of the policy that say whom its secrets are shown to, as paths of names: `host`. Where one of them changes, a
   * secret must be given again: whoever changes a policy need not know what is sealed in it.
   */
  readonly destinations?: readonly string[]
  /** What of a policy many auth methods may share. */
  readonly template?: TemplateForm | undefined
  /** What the method is called on another system's wire, and what its fields are called there. */
  readonly wire?: WireMapping
  /** What its credential is at an OAuth token endpoint. */
  readonly oauth?: OAuthMapping
  /** Names the stored credential to read together with the policy: the opaque secret, of which only a digest is kept. */
  locate?(credential: Credential): string
  /**
   * Names the account that a credential is a guess at, in its canonical form: a user name. Lockout then counts the
   * failures at each by themselves.
   */
  countedBy?(credential: Credential): string
  /**
   * Says why a policy that is to be saved cannot work, or what a template is to hold: a directory that refuses its service.
   * The sentence begins with the name of a member and holds no data. Asked before anything is saved, within a deadline.
   */
  refusePolicy?(
    policy: unknown,
    context: Pick<VerifierContext<unknown>, 'signal' | 'fetch'>,
  ): Promise<string | undefined>
  verify(
    credential: Credential,
    context: VerifierContext<Policy>,
  ): Promise<Attestation | Rejection> | Attestation | Rejection
}
