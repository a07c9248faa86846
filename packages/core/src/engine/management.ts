import type { AuthMethods } from './auth-methods.ts'
import { authMethodCommands } from './auth-methods.ts'
import type { Authority } from './authority.ts'
import type { ClientSecrets } from './client-secrets.ts'
import { clientSecretCommands } from './client-secrets.ts'
import { perform } from './command.ts'
import type { Identities } from './identities.ts'
import { identityCommands } from './identities.ts'
import type { Lockouts } from './lockouts.ts'
import { lockoutCommands } from './lockouts.ts'
import type { Organizations } from './organizations.ts'
import { organizationCommands } from './organizations.ts'
import type { Parts } from './parts.ts'
import type { Projects } from './projects.ts'
import { projectCommands } from './projects.ts'
import type { RootKeys } from './root-keys.ts'
import { rootKeyCommands } from './root-keys.ts'
import type { SigningKeys } from './signing-keys.ts'
import { signingKeyCommands } from './signing-keys.ts'
import type { StaticTokens } from './static-tokens.ts'
import { staticTokenCommands } from './static-tokens.ts'

/** Everything that people manage, on one authority's word. */
export interface Management {
  readonly organizations: Organizations
  readonly projects: Projects
  readonly identities: Identities
  readonly authMethods: AuthMethods
  readonly clientSecrets: ClientSecrets
  readonly staticTokens: StaticTokens
  readonly lockouts: Lockouts
}

/** What the host alone manages beside: no principal reaches the keys of a deployment. */
export interface HostManagement extends Management {
  readonly signingKeys: SigningKeys
  readonly rootKeys: RootKeys
}

/** Creates the management surface of one authority; there is none without. */
export function createManagement(parts: Parts, authority: Authority): Management {
  return Object.freeze({
    organizations: perform<Organizations>(parts, authority, organizationCommands),
    projects: perform<Projects>(parts, authority, projectCommands),
    identities: perform<Identities>(parts, authority, identityCommands),
    authMethods: perform<AuthMethods>(parts, authority, authMethodCommands),
    clientSecrets: perform<ClientSecrets>(parts, authority, clientSecretCommands),
    staticTokens: perform<StaticTokens>(parts, authority, staticTokenCommands),
    lockouts: perform<Lockouts>(parts, authority, lockoutCommands),
  })
}

/** Creates the management surface of the host itself. */
export function createHostManagement(parts: Parts, authority: Authority): HostManagement {
  return Object.freeze({
    ...createManagement(parts, authority),
    signingKeys: perform<SigningKeys>(parts, authority, signingKeyCommands),
    rootKeys: perform<RootKeys>(parts, authority, rootKeyCommands),
  })
}
