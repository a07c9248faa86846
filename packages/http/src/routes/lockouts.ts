import type { WiredMethod } from '@countersign/core'
import * as z from 'zod'
import type { Route } from './route.ts'
import { managed } from './route.ts'

/** Ends locks, for each method that shows its lockout on this wire. */
export function lockoutRoutes(methods: readonly WiredMethod[]): readonly Route[] {
  return methods.flatMap(({ method, wire }) =>
    wire?.also?.includes('lockout') ? [clearRoute(method, wire.slug)] : [],
  )
}

function clearRoute(method: string, slug: string): Route {
  return managed({
    id: `clear-${slug}-lockouts`,
    method: 'POST',
    path: `/api/v1/auth/${slug}/identities/:identityId/clear-lockouts` as const,
    tag: 'Auth methods',
    summary: `Ends the locks of an identity on logins by ${slug}.`,
    permission: 'identity:unlock',
    answer: z.strictObject({ deleted: z.int().min(0) }),
    async run({ manage, organization, params }) {
      const query = { organization, identity: params.identityId, method }
      const { cleared } = await manage.lockouts.clear(query)
      return { deleted: cleared }
    },
  })
}
