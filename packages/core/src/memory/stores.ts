import type { Stores } from '../plugin.ts'
import { createAuthMethods } from './auth-methods.ts'
import { createAuthTemplates } from './auth-templates.ts'
import { createClientSecrets } from './client-secrets.ts'
import { createIdentities } from './identities.ts'
import { createLockouts } from './lockouts.ts'
import { createLogins } from './logins.ts'
import { createOrganizations } from './organizations.ts'
import { createOutbox } from './outbox.ts'
import { createProjects } from './projects.ts'
import { createRoleBindings } from './role-bindings.ts'
import { createRoles } from './roles.ts'
import { createRootKeys } from './root-keys.ts'
import { createSigningKeys } from './signing-keys.ts'
import { createStaticTokens } from './static-tokens.ts'
import type { Tables } from './tables.ts'
import { createTokens } from './tokens.ts'

/** Creates the stores of a deployment, or those that one transaction sees. */
export function createStores(tables: Tables): Stores {
  return {
    organizations: createOrganizations(tables),
    projects: createProjects(tables),
    identities: createIdentities(tables),
    authMethods: createAuthMethods(tables),
    authTemplates: createAuthTemplates(tables),
    roles: createRoles(tables),
    roleBindings: createRoleBindings(tables),
    clientSecrets: createClientSecrets(tables),
    staticTokens: createStaticTokens(tables),
    logins: createLogins(tables),
    tokens: createTokens(tables),
    lockouts: createLockouts(tables),
    keys: createSigningKeys(tables),
    rootKeys: createRootKeys(tables),
    outbox: createOutbox(tables),
  }
}
