import type { Role } from '@countersign/core'
import * as z from 'zod'
import { collect } from '../collect.ts'
import { missing } from '../invalid.ts'
import type { RoleAnswer, RoleScope } from '../wire/custom-roles.ts'
import {
  customRoleAnswer,
  toCodeRoleAnswer,
  toRestrictedRoleAnswer,
  toRoleAnswer,
} from '../wire/custom-roles.ts'
import { renamed } from '../wire/field-names.ts'
import type { WirePermission } from '../wire/permissions.ts'
import { fromPermissions, wirePermissions } from '../wire/permissions.ts'
import { description, name } from '../wire/words.ts'
import { assertOwn } from './identities.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const slug = z
  .string('must be a string')
  .regex(/^[a-z0-9-]{1,64}$/, 'must be 1 to 64 characters out of a-z 0-9 -')

const newRole = z.strictObject({
  slug,
  name,
  description: description.optional(),
  permissions: wirePermissions,
})
const roleChange = z.strictObject({
  slug: slug.optional(),
  name: name.optional(),
  description: description.optional(),
  permissions: wirePermissions.optional(),
})

/** Where roles are kept, by the paths that clients know, and how their lists are wrapped there. */
interface Place<Path extends string> {
  readonly path: Path
  readonly suffix: string
  readonly deprecated?: true
  readonly inProject: boolean
}

const PLACES = [
  { path: '/api/v1/organization/:organizationId/roles', suffix: 'organization', inProject: false },
  { path: '/api/v1/projects/:projectId/roles', suffix: 'project', inProject: true },
  {
    path: '/api/v2/workspace/:projectId/roles',
    suffix: 'project-by-old-path',
    inProject: true,
    deprecated: true,
  },
] as const satisfies readonly Place<string>[]

type RolePlace = (typeof PLACES)[number]

/** Manages the roles that people write as data, of the organization and of projects. */
export function roleRoutes(): readonly Route[] {
  return PLACES.flatMap((place) => [
    createRoute(place),
    updateRoute(place),
    deleteRoute(place),
    listRoute(place),
    getRoute(place),
    findRoute(place),
  ])
}

function sharedBy(place: RolePlace) {
  return {
    tag: 'Roles',
    ...('deprecated' in place && { deprecated: place.deprecated }),
  }
}

const one = z.strictObject({ role: customRoleAnswer })
const many = z.strictObject({ roles: z.array(customRoleAnswer) })

function createRoute(place: RolePlace): Route {
  return managed({
    ...sharedBy(place),
    id: `create-role-of-${place.suffix}`,
    method: 'POST',
    path: place.path,
    summary: 'Makes a role out of permissions in the words of the host.',
    permission: 'role:create',
    body: newRole,
    example: {
      body: {
        slug: 'reader',
        name: 'Reader',
        permissions: [
          { subject: 'secret', action: ['read'], conditions: { path: { $glob: '/apps/**' } } },
        ],
      },
    },
    answer: one,
    repeats: 'answered',
    async run(call) {
      const { body, manage } = call
      const { permissions, ...said } = body
      const role = await renamed(() =>
        manage.roles.create({ ...scopeOf(call), ...said, rules: fromPermissions(permissions) }),
      )
      return { role: toRoleAnswer(role) }
    },
  })
}

function updateRoute(place: RolePlace): Route {
  return managed({
    ...sharedBy(place),
    id: `update-role-of-${place.suffix}`,
    method: 'PATCH',
    path: `${place.path}/:roleId` as const,
    summary: 'Changes a role for whoever holds it, at once; permissions replace all of them.',
    permission: 'role:update',
    body: roleChange,
    answer: one,
    async run(call) {
      const { organization, id } = await getRole(call)
      const change = { organization, id, ...toChange(call.body) }
      return { role: toRoleAnswer(await renamed(() => call.manage.roles.update(change))) }
    },
  })
}

function deleteRoute(place: RolePlace): Route {
  return managed({
    ...sharedBy(place),
    id: `delete-role-of-${place.suffix}`,
    method: 'DELETE',
    path: `${place.path}/:roleId` as const,
    summary: 'Deletes a role; 409 while somebody holds it.',
    permission: 'role:delete',
    answer: one,
    async run(call) {
      const role = await getRole(call)
      const { organization, id } = role
      await call.manage.roles.delete({ organization, id })
      return { role: toRoleAnswer(role) }
    },
  })
}

function listRoute(place: RolePlace): Route {
  return managed({
    ...sharedBy(place),
    id: `list-role-of-${place.suffix}`,
    method: 'GET',
    path: place.path,
    summary: 'Lists the roles that can be held there: those in code, and those as data.',
    permission: 'role:read',
    answer: place.inProject ? many : z.strictObject({ data: many }),
    async run(call) {
      const listed = { roles: await listRoles(call) }
      return place.inProject ? listed : { data: listed }
    },
  })
}

function getRoute(place: RolePlace): Route {
  return managed({
    ...sharedBy(place),
    id: `get-role-of-${place.suffix}`,
    method: 'GET',
    path: `${place.path}/:roleId` as const,
    summary: 'Shows a role as data.',
    permission: 'role:read',
    answer: one,
    run: async (call) => ({ role: toRoleAnswer(await getRole(call)) }),
  })
}

function findRoute(place: RolePlace): Route {
  return managed({
    ...sharedBy(place),
    id: `find-role-of-${place.suffix}`,
    method: 'GET',
    path: `${place.path}/slug/:roleSlug` as const,
    summary: 'Shows a role by its slug, in code or as data.',
    permission: 'role:read',
    answer: one,
    async run(call) {
      const { roleSlug } = call.params
      const found = (await listRoles(call)).find((role) => role.slug === roleSlug)
      if (found === undefined) throw missing('role')
      return { role: found }
    },
  })
}

type Call<Params extends string = never> = Pick<
  Managing<Params, unknown, unknown>,
  'manage' | 'organization'
> & { readonly params: Readonly<Partial<Record<'organizationId' | 'projectId' | Params, string>>> }

function scopeOf({ organization, params }: Call): RoleScope {
  assertOwn(organization, params.organizationId)
  const { projectId: project } = params
  return { organization, ...(project !== undefined && { project }) }
}

/** A role of another scope than the path says is not there. */
async function getRole(call: Call<'roleId'>): Promise<Role> {
  const { organization, project } = scopeOf(call)
  const role = await call.manage.roles.get({ organization, id: call.params.roleId ?? '' })
  if (role.project !== project) throw missing('role')
  return role
}

async function listRoles(call: Call): Promise<readonly RoleAnswer[]> {
  const scope = scopeOf(call)
  const { roles } = call.manage
  const inCode = await roles.listInCode(scope)
  const stored = await collect((page) => roles.list({ ...scope, ...page }), {
    offset: 0,
    limit: 10_000,
  })
  return [
    ...inCode.map((role) => toCodeRoleAnswer(role, scope)),
    ...stored.map((role) =>
      'restricted' in role ? toRestrictedRoleAnswer(role, scope) : toRoleAnswer(role),
    ),
  ]
}

function toChange({
  permissions,
  ...said
}: {
  readonly permissions?: readonly WirePermission[] | undefined
}) {
  return { ...said, ...(permissions && { rules: fromPermissions(permissions) }) }
}
