/** Where a binding reaches: an organization, or one project of it. */
export interface Scope {
  readonly organization: string
  readonly project?: string
}
