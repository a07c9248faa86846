import type { Route } from '../routes/route.ts'
import type { Published } from './metadata-routes.ts'
import { metadataRoutes } from './metadata-routes.ts'
import { tokenRoute } from './token-route.ts'
import { introspectRoute, revokeRoute } from './told-routes.ts'

/** What any OAuth client finds here. */
export function oauthRoutes(published: Published): readonly Route[] {
  return [tokenRoute, introspectRoute, revokeRoute, ...metadataRoutes(published)]
}
