/** The tenant: nothing crosses it. Its id may be the host's own. */
export interface Organization {
  readonly id: string
  readonly name: string
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}
