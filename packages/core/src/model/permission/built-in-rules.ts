import { isSlug } from '../../lib/ids.ts'
import type { Permission, ResourceScope } from '../resources.ts'
import type { BuiltInRole } from '../role-binding.ts'
import { isBuiltInRole } from '../role-binding.ts'
import type { Rule } from '../rule.ts'
import type { DeclaredResource, Vocabulary } from './vocabulary.ts'

/**
 * The rules of the built-in roles in a scope.
 *
 * Member and viewer list actions instead of wildcards, so that they grow with the vocabulary and with nothing else.
 */
export function builtInRules(
  vocabulary: Vocabulary,
  scope: ResourceScope,
): Readonly<Record<BuiltInRole, readonly Rule[]>> {
  const ofHost = [...vocabulary.resources.values()].filter((resource) => resource.scope === scope)
  const list = (actions: (resource: DeclaredResource) => readonly string[]): readonly Rule[] => {
    const permissions = ofHost.flatMap((resource) =>
      actions(resource).map((action): Permission => `${resource.name}:${action}`),
    )
    return [{ allow: [...permissions, ...SEEN_BY_ALL] }]
  }
  return {
    admin: [{ allow: ['*'] }],
    member: list(({ actions }) => actions),
    viewer: list(({ reads }) => reads),
    'no-access': [],
  }
}

/** Says why a role of the host cannot have that slug, or nothing where it can. */
export function refuseRoleSlug(slug: unknown): string | undefined {
  if (typeof slug !== 'string' || !isSlug(slug))
    return 'slug must be 1 to 64 characters out of a-z 0-9 -'
  return isBuiltInRole(slug) ? 'slug is that of a built-in role' : undefined
}

const SEEN_BY_ALL: readonly Permission[] = ['identity:read', 'role:read', 'project:read']
