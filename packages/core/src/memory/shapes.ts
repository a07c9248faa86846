import type {
  AuthMethod,
  AuthTemplate,
  Identity,
  Organization,
  Project,
  RevocationMark,
  Role,
  RoleBinding,
  StoredSigningKey,
  Subject,
} from '../plugin.ts'
import { keyOf } from './key.ts'
import type { CounterRow, CredentialRow, KnownRow, OnceMark, UnusedNote, UseCount } from './rows.ts'
import type { TableShape } from './table.ts'

/** Names the groups that rows are found by. */
export const groups = {
  organization: (id: string): string => keyOf('organization', id),
  project: (organization: string, id: string): string => keyOf('project', organization, id),
  identity: (id: string): string => keyOf('identity', id),
  authMethod: (id: string): string => keyOf('authMethod', id),
  template: (organization: string, id: string): string => keyOf('template', organization, id),
  role: (organization: string, id: string): string => keyOf('role', organization, id),
  slug: (organization: string, slug: string): string => keyOf('slug', organization, slug),
  digest: (value: string): string => keyOf('digest', value),
  subject: (organization: string, { kind, id }: Subject): string =>
    keyOf('subject', organization, kind, id),
}

const organizations: TableShape<Organization> = {
  keyOf: ({ id }) => id,
  groupsOf: () => [],
}

const projects: TableShape<Project> = {
  keyOf: ({ organization, id }) => keyOf(organization, id),
  groupsOf: ({ organization }) => [groups.organization(organization)],
}

/** By id alone, because a login names nothing else. */
const identities: TableShape<Identity> = {
  keyOf: ({ id }) => id,
  groupsOf: ({ organization, project, slug }) => [
    groups.organization(organization),
    ...(project === undefined ? [] : [groups.project(organization, project)]),
    ...(slug === undefined ? [] : [groups.slug(organization, slug)]),
  ],
}

const authMethods: TableShape<AuthMethod> = {
  keyOf: ({ organization, identity, method }) => keyOf(organization, identity, method),
  groupsOf: ({ id, organization, identity, template }) => [
    groups.organization(organization),
    groups.identity(identity),
    groups.authMethod(id),
    ...(template === undefined ? [] : [groups.template(organization, template)]),
  ],
}

const authTemplates: TableShape<AuthTemplate> = {
  keyOf: ({ organization, id }) => keyOf(organization, id),
  groupsOf: ({ organization }) => [groups.organization(organization)],
}

const roles: TableShape<Role> = {
  keyOf: ({ organization, id }) => keyOf(organization, id),
  groupsOf: ({ organization, project }) => [
    groups.organization(organization),
    ...(project === undefined ? [] : [groups.project(organization, project)]),
  ],
}

const roleBindings: TableShape<RoleBinding> = {
  keyOf: ({ organization, id }) => keyOf(organization, id),
  groupsOf: ({ organization, project, subject, role }) => [
    groups.organization(organization),
    groups.subject(organization, subject),
    ...(project === undefined ? [] : [groups.project(organization, project)]),
    ...(role === undefined ? [] : [groups.role(organization, role)]),
  ],
}

const credentials: TableShape<CredentialRow> = {
  keyOf: ({ credential }) => credential.id,
  groupsOf: ({ credential, digest }) => [
    groups.organization(credential.organization),
    groups.identity(credential.identity),
    groups.authMethod(credential.authMethod),
    groups.digest(digest.value),
  ],
}

const counters: TableShape<CounterRow> = {
  keyOf: ({ key }) => keyOf(key.organization, key.identity, key.method, key.class),
  groupsOf: ({ key }) => [groups.organization(key.organization), groups.identity(key.identity)],
}

const known: TableShape<KnownRow> = {
  keyOf: ({ organization, identity, method }) => keyOf(organization, identity, method),
  groupsOf: ({ organization, identity }) => [
    groups.organization(organization),
    groups.identity(identity),
  ],
}

const unusedNotes: TableShape<UnusedNote> = {
  keyOf: ({ identity }) => identity,
  groupsOf: ({ organization, identity }) => [
    groups.organization(organization),
    groups.identity(identity),
  ],
}

const useCounts: TableShape<UseCount> = {
  keyOf: ({ organization, session }) => keyOf(organization, session),
  groupsOf: ({ organization, identity, authMethod }) => [
    groups.organization(organization),
    groups.identity(identity),
    groups.authMethod(authMethod),
  ],
}

const revocations: TableShape<RevocationMark> = {
  keyOf: ({ organization, id }) => keyOf(organization, id),
  groupsOf: () => [],
}

const once: TableShape<OnceMark> = {
  keyOf: ({ key }) => key,
  groupsOf: () => [],
}

const signingKeys: TableShape<StoredSigningKey> = {
  keyOf: ({ kid }) => kid,
  groupsOf: () => [],
}

/** How the rows of each table are found. */
export interface Shapes {
  readonly organizations: TableShape<Organization>
  readonly projects: TableShape<Project>
  readonly identities: TableShape<Identity>
  readonly authMethods: TableShape<AuthMethod>
  readonly authTemplates: TableShape<AuthTemplate>
  readonly roles: TableShape<Role>
  readonly roleBindings: TableShape<RoleBinding>
  readonly credentials: TableShape<CredentialRow>
  readonly counters: TableShape<CounterRow>
  readonly known: TableShape<KnownRow>
  readonly unusedNotes: TableShape<UnusedNote>
  readonly useCounts: TableShape<UseCount>
  readonly revocations: TableShape<RevocationMark>
  readonly once: TableShape<OnceMark>
  readonly told: TableShape<OnceMark>
  readonly signingKeys: TableShape<StoredSigningKey>
}

/** The shapes of all tables. */
export const shapes: Shapes = {
  organizations,
  projects,
  identities,
  authMethods,
  authTemplates,
  roles,
  roleBindings,
  credentials,
  counters,
  known,
  unusedNotes,
  useCounts,
  revocations,
  once,
  told: once,
  signingKeys,
}
