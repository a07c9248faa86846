/** A part of one organization; its id is unique there and may be the host's own. */
export interface Project {
  readonly id: string
  readonly organization: string
  readonly name: string
  readonly revision: number
  readonly createdAt: Date
  readonly updatedAt: Date
}
