import type { AuthMethods } from './auth-methods.ts'
import { authMethodCommands } from './auth-methods.ts'
import type { AuthTemplates } from './auth-templates.ts'
import { authTemplateCommands } from './auth-templates.ts'
import type { ClientSecrets } from './client-secrets.ts'
import { clientSecretCommands } from './client-secrets.ts'
import type { Performer } from './command.ts'
import { perform } from './command.ts'
import type { Directory } from './directory.ts'
import { directoryCommands } from './directory.ts'
import type { Events, HostEvents } from './events.ts'
import { eventCommands, hostEventCommands } from './events.ts'
import type { Identities } from './identities.ts'
import { identityCommands } from './identities.ts'
import type { Lockouts } from './lockouts.ts'
import { lockoutCommands } from './lockouts.ts'
import type { Organizations } from './organizations.ts'
import { organizationCommands } from './organizations.ts'
import type { Projects } from './projects.ts'
import { projectCommands } from './projects.ts'
import type { RoleBindings } from './role-bindings.ts'
import { roleBindingCommands } from './role-bindings.ts'
import type { Roles } from './roles.ts'
import { roleCommands } from './roles.ts'
import type { RootKeys } from './root-keys.ts'
import { rootKeyCommands } from './root-keys.ts'
import type { SigningKeys } from './signing-keys.ts'
import { signingKeyCommands } from './signing-keys.ts'
import type { StaticTokens } from './static-tokens.ts'
import { staticTokenCommands } from './static-tokens.ts'

/** Everything that people manage, on one authority's word. */
export interface Management {
  readonly projects: Projects
  readonly identities: Identities
  readonly directory: Directory
  readonly authMethods: AuthMethods
  readonly authTemplates: AuthTemplates
  readonly clientSecrets: ClientSecrets
  readonly staticTokens: StaticTokens
  readonly lockouts: Lockouts
  readonly roles: Roles
  readonly roleBindings: RoleBindings
  readonly events: Events
}

/** What the host manages beside: no principal reaches other tenants. */
export interface TenantManagement extends Management {
  readonly organizations: Organizations
}

/** The keys of a deployment, which no transaction of the host's takes along. */
export interface HostManagement extends TenantManagement {
  readonly signingKeys: SigningKeys
  readonly rootKeys: RootKeys
  readonly events: HostEvents
}

/** Creates the management surface of one authority; there is none without. */
export function createManagement(performer: Performer): Management {
  return Object.freeze({
    projects: perform<Projects>(performer, projectCommands),
    identities: perform<Identities>(performer, identityCommands),
    directory: perform<Directory>(performer, directoryCommands),
    authMethods: perform<AuthMethods>(performer, authMethodCommands),
    authTemplates: perform<AuthTemplates>(performer, authTemplateCommands),
    clientSecrets: perform<ClientSecrets>(performer, clientSecretCommands),
    staticTokens: perform<StaticTokens>(performer, staticTokenCommands),
    lockouts: perform<Lockouts>(performer, lockoutCommands),
    roles: perform<Roles>(performer, roleCommands),
    roleBindings: perform<RoleBindings>(performer, roleBindingCommands),
    events: perform<Events>(performer, eventCommands),
  })
}

/** Creates what the host manages in a transaction of its own. */
export function createTenantManagement(performer: Performer): TenantManagement {
  return Object.freeze({
    ...createManagement(performer),
    organizations: perform<Organizations>(performer, organizationCommands),
  })
}

/** Creates the management surface of the host itself. */
export function createHostManagement(performer: Performer): HostManagement {
  return Object.freeze({
    ...createTenantManagement(performer),
    signingKeys: perform<SigningKeys>(performer, signingKeyCommands),
    rootKeys: perform<RootKeys>(performer, rootKeyCommands),
    events: perform<HostEvents>(performer, hostEventCommands),
  })
}
