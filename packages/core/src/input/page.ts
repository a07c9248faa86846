/** How a list is cut into pages. */
export interface PageInput {
  readonly order?: 'id' | 'name' | undefined
  /** At most 100, which is the default. */
  readonly limit?: number | undefined
  /** Where the page before ended; belongs to one list and its filters. */
  readonly cursor?: string | undefined
  /** Rows to leave out, at most 10,000; prefer `cursor`. */
  readonly offset?: number | undefined
}
