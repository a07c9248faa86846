/** The id of one auth template. */
export type AuthTemplateId = `atp_${string}`

/** A part of the policies of one method that many auth methods of an organization share: where a directory is, for example. */
export interface AuthTemplate {
  readonly id: AuthTemplateId
  readonly organization: string
  readonly name: string
  /** The verifier's name. */
  readonly method: string
  /** The members that the verifier lets a template have; each secret among them is sealed, bound to this very record. */
  readonly policy: unknown
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}
