/** Where a binding reaches: an organization, or one project of it. */
export interface Scope {
  readonly organization: string
  readonly project?: string
}

/** The scope of what belongs to an organization as a whole. */
export function inOrganization({ organization }: { readonly organization: string }): Scope {
  return { organization }
}

/** The scope of what belongs to an organization, or to the project that is named. */
export function inScope({
  organization,
  project,
}: {
  readonly organization: string
  readonly project?: string | undefined
}): Scope {
  return { organization, ...(project !== undefined && { project }) }
}
