import type { AuthTemplateId } from './auth-template.ts'
import type { IdentityId } from './identity.ts'
import type { LockoutPolicy } from './lockout.ts'
import type { TokenPolicy } from './token-policy.ts'

/** The id of one auth method; attaching the same method again makes another. */
export type AuthMethodId = `amt_${string}`

/** How one identity may log in: identity × method × policy × token policy. */
export interface AuthMethod {
  readonly id: AuthMethodId
  readonly organization: string
  readonly identity: IdentityId
  /** The verifier's name. */
  readonly method: string
  /** The appraisal policy that the verifier stores here; the engine never looks inside. */
  readonly policy: unknown
  /** Where the rest of the policy stands; a login reads it as it is at that moment. */
  readonly template?: AuthTemplateId
  readonly tokenPolicy: TokenPolicy
  /** `'off'` is the only way to say that failures are not counted. */
  readonly lockout: LockoutPolicy | 'off'
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}
