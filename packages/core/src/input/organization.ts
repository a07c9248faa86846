import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { anyId, displayName, hostId, optionalRevision, pageFields } from './fields.ts'
import type { PageInput } from './page.ts'

/** What makes an organization; `id` may be the host's own. */
export interface NewOrganization {
  readonly id?: string | undefined
  readonly name: string
}

/** What must be there after `ensure`. */
export interface EnsuredOrganization extends NewOrganization {
  readonly id: string
}

/** Names one organization. */
export interface OrganizationKey {
  readonly id: string
}

/** What changes about an organization; with `revision` only if nothing else changed it meanwhile. */
export interface OrganizationChange extends OrganizationKey {
  readonly revision?: number | undefined
  readonly name?: string | undefined
}

/** Which organizations to list. */
export interface OrganizationList extends PageInput {
  readonly name?: string | undefined
}

/** What makes a project; `id` may be the host's own, unique within its organization. */
export interface NewProject extends NewOrganization {
  readonly organization: string
}

/** What must be there after `ensure`. */
export interface EnsuredProject extends NewProject {
  readonly id: string
}

/** Names one project. */
export interface ProjectKey extends OrganizationKey {
  readonly organization: string
}

/** What changes about a project; with `revision` only if nothing else changed it meanwhile. */
export interface ProjectChange extends OrganizationChange {
  readonly organization: string
}

/** Which projects to list. */
export interface ProjectList extends OrganizationList {
  readonly organization: string
}

const named = { id: hostId.optional(), name: displayName }
const changed = { id: anyId, revision: optionalRevision, name: displayName.optional() }
const listed = { ...pageFields, name: displayName.optional() }

export const newOrganization: SchemaOf<NewOrganization> = z.strictObject(named)
export const ensuredOrganization: SchemaOf<EnsuredOrganization> = z.strictObject({
  ...named,
  id: hostId,
})
export const organizationKey: SchemaOf<OrganizationKey> = z.strictObject({ id: anyId })
export const organizationChange: SchemaOf<OrganizationChange> = z.strictObject(changed)
export const organizationList: SchemaOf<OrganizationList> = z.strictObject(listed)

export const newProject: SchemaOf<NewProject> = z.strictObject({ ...named, organization: anyId })
export const ensuredProject: SchemaOf<EnsuredProject> = z.strictObject({
  ...named,
  id: hostId,
  organization: anyId,
})
export const projectKey: SchemaOf<ProjectKey> = z.strictObject({ organization: anyId, id: anyId })
export const projectChange: SchemaOf<ProjectChange> = z.strictObject({
  ...changed,
  organization: anyId,
})
export const projectList: SchemaOf<ProjectList> = z.strictObject({ ...listed, organization: anyId })
