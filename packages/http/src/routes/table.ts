import type { HandlerEngine } from '../engine.ts'
import { oauthRoutes } from '../oauth/routes.ts'
import { authMethodRoutes } from './auth-methods.ts'
import { authTemplateRoutes } from './auth-templates.ts'
import { clientSecretRoutes } from './client-secrets.ts'
import { eventRoutes } from './events.ts'
import { identityRoutes } from './identities.ts'
import { identityListRoutes } from './identity-lists.ts'
import { keyRoutes } from './keys.ts'
import { lockoutRoutes } from './lockouts.ts'
import { loginRoutes } from './logins.ts'
import { membershipRoutes } from './memberships.ts'
import { openApiRoute } from './open-api.ts'
import { privilegeRoutes } from './privileges.ts'
import { projectIdentityRoutes } from './project-identities.ts'
import { roleRoutes } from './roles.ts'
import type { Route } from './route.ts'
import { staticTokenRoutes } from './static-tokens.ts'
import { tokenRoutes } from './tokens.ts'

/** The wire, as data: everything that an engine can do, by the names that existing clients know. */
export function routesOf(
  { methods, issuer }: Pick<HandlerEngine, 'methods' | 'issuer'>,
  prefix: string,
): readonly Route[] {
  const routes = [
    ...loginRoutes(methods),
    ...tokenRoutes(methods),
    ...oauthRoutes({ issuer, methods, base: baseOf(issuer, prefix) }),
    ...keyRoutes,
    ...identityRoutes,
    ...identityListRoutes,
    ...authMethodRoutes(methods),
    ...authTemplateRoutes(methods),
    ...clientSecretRoutes,
    ...staticTokenRoutes,
    ...lockoutRoutes(methods),
    ...projectIdentityRoutes,
    ...membershipRoutes(),
    ...roleRoutes(),
    ...privilegeRoutes(),
    ...eventRoutes,
  ]
  return [...routes, openApiRoute(routes)]
}

/** The URL that paths continue: below the mount where it has a name, else below the issuer. */
function baseOf(issuer: string, prefix: string): string {
  return prefix === '' ? issuer.replace(/\/$/, '') : new URL(issuer).origin + prefix
}
