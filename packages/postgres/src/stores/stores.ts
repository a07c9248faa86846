import type { Stores } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
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
import { createTokens } from './tokens.ts'

/** Creates the stores of a deployment, or those that one transaction sees. */
export function createStores(db: Db, scope: string): Stores {
  return {
    organizations: createOrganizations(db, scope),
    projects: createProjects(db),
    identities: createIdentities(db),
    authMethods: createAuthMethods(db),
    authTemplates: createAuthTemplates(db),
    roles: createRoles(db),
    roleBindings: createRoleBindings(db),
    clientSecrets: createClientSecrets(db),
    staticTokens: createStaticTokens(db),
    logins: createLogins(db),
    tokens: createTokens(db),
    lockouts: createLockouts(db),
    keys: createSigningKeys(db),
    rootKeys: createRootKeys(db),
    outbox: createOutbox(db),
  }
}
