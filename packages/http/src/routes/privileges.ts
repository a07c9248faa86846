import type { RoleBinding } from '@countersign/core'
import * as z from 'zod'
import { collect } from '../collect.ts'
import { missing } from '../invalid.ts'
import { renamed } from '../wire/field-names.ts'
import { fromPermissions, toPermissions, wirePermissions } from '../wire/permissions.ts'
import type { WireWindow } from '../wire/roles.ts'
import { fromWindow, toWindowAnswer, windowFields } from '../wire/roles.ts'
import { id, stamp } from '../wire/words.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const answer = z
  .looseObject({
    id: z.string(),
    slug: z.string(),
    identityId: z.string(),
    projectId: z.string().nullable(),
    permissions: z.array(z.looseObject({ subject: z.string() })),
    isTemporary: z.boolean(),
    createdAt: stamp,
    updatedAt: stamp,
  })
  .meta({ id: 'Privilege' })
const one = z.strictObject({ privilege: answer })

const type = z.strictObject({
  ...windowFields,
  isTemporary: z.boolean('must be true or false'),
})
const change = { permissions: wirePermissions.optional(), type: type.optional() }

/** Where privileges are kept: of a project by the path that clients know, and of the organization beside it. */
const PLACES = [
  { path: '/api/v2/identity-project-additional-privilege', where: 'project' },
  { path: '/api/v2/identity-org-additional-privilege', where: 'organization' },
] as const

type Place = (typeof PLACES)[number]

/** Manages what an identity may do beside its roles: rules of its own, for good or for a while. */
export function privilegeRoutes(): readonly Route[] {
  return PLACES.flatMap((place) => [
    createRoute(place),
    updateRoute(place),
    deleteRoute(place),
    getRoute(place),
    listRoute(place),
  ])
}

const tag = 'Additional privileges'
const projectOf = (place: Place) => (place.where === 'project' ? id : z.undefined().optional())

function createRoute(place: Place): Route {
  return managed({
    id: `create-privilege-of-${place.where}`,
    method: 'POST',
    path: place.path,
    tag,
    summary: 'Gives an identity permissions beside its roles. Its id is its slug as well.',
    permission: 'identity:assign',
    body: z.strictObject({
      identityId: id,
      projectId: projectOf(place),
      permissions: wirePermissions,
      type: type.default({ isTemporary: false }),
    }),
    answer: one,
    repeats: 'answered',
    async run({ manage, organization, body }) {
      const { identityId, projectId, permissions } = body
      const binding = await renamed(() =>
        manage.roleBindings.create({
          organization,
          ...(projectId !== undefined && { project: projectId }),
          subject: { identity: identityId },
          rules: fromPermissions(permissions),
          ...fromWindow(body.type, 'type.'),
        }),
      )
      return { privilege: toAnswer(binding) }
    },
  })
}

function updateRoute(place: Place): Route {
  return managed({
    id: `update-privilege-of-${place.where}`,
    method: 'PATCH',
    path: `${place.path}/:privilegeId` as const,
    tag,
    summary: 'Changes a privilege; permissions replace all of them.',
    permission: 'identity:assign',
    body: z.strictObject(change),
    answer: one,
    async run(call) {
      const { organization, id: key } = await getPrivilege(call, place)
      const { permissions, type: window } = call.body
      const binding = await renamed(() =>
        call.manage.roleBindings.update({
          organization,
          id: key,
          ...(permissions && { rules: fromPermissions(permissions) }),
          ...(window && windowOf(window)),
        }),
      )
      return { privilege: toAnswer(binding) }
    },
  })
}

function deleteRoute(place: Place): Route {
  return managed({
    id: `delete-privilege-of-${place.where}`,
    method: 'DELETE',
    path: `${place.path}/:privilegeId` as const,
    tag,
    summary: 'Takes a privilege away, at once.',
    permission: 'identity:assign',
    answer: one,
    async run(call) {
      const binding = await getPrivilege(call, place)
      const { organization, id: key } = binding
      await call.manage.roleBindings.delete({ organization, id: key })
      return { privilege: toAnswer(binding) }
    },
  })
}

function windowOf(window: WireWindow) {
  return { always: true as const, ...fromWindow(window, 'type.') }
}

function getRoute(place: Place): Route {
  return managed({
    id: `get-privilege-of-${place.where}`,
    method: 'GET',
    path: `${place.path}/:privilegeId` as const,
    tag,
    summary: 'Shows a privilege.',
    permission: 'binding:read',
    answer: one,
    run: async (call) => ({ privilege: toAnswer(await getPrivilege(call, place)) }),
  })
}

function listRoute(place: Place): Route {
  return managed({
    id: `list-privileges-of-${place.where}`,
    method: 'GET',
    path: place.path,
    tag,
    summary: 'Lists the privileges of an identity.',
    permission: 'binding:read',
    query: z.strictObject({ identityId: id, projectId: projectOf(place) }),
    answer: z.strictObject({ privileges: z.array(answer) }),
    async run({ manage, organization, query: { identityId, projectId } }) {
      const list = {
        organization,
        ...(projectId !== undefined && { project: projectId }),
        subject: { identity: identityId },
      }
      const found = await collect((page) => manage.roleBindings.list({ ...list, ...page }), {
        offset: 0,
        limit: 10_000,
      })
      const shown = found.flatMap((one) => ('restricted' in one ? [] : [one]))
      const own = shown.filter(isPrivilegeOf(place))
      return { privileges: own.map(toAnswer) }
    },
  })
}

type Call = Pick<Managing<'privilegeId', unknown, unknown>, 'manage' | 'organization' | 'params'>

function isPrivilegeOf({ where }: Place): (binding: RoleBinding) => boolean {
  return ({ rules, project, subject }) =>
    rules !== undefined &&
    subject.kind === 'identity' &&
    (project === undefined) === (where === 'organization')
}

/** A binding of a role, of a user or of another scope is no privilege of this path. */
async function getPrivilege({ manage, organization, params }: Call, place: Place) {
  const binding = await manage.roleBindings.get({ organization, id: params.privilegeId })
  if (!isPrivilegeOf(place)(binding)) throw missing('privilege')
  return binding
}

function toAnswer(binding: RoleBinding): object {
  const { id: key, subject, project, rules = [], createdAt } = binding
  return {
    id: key,
    slug: key,
    identityId: subject.id,
    projectId: project ?? null,
    permissions: toPermissions(rules),
    ...toWindowAnswer(binding),
    createdAt: createdAt.toISOString(),
    updatedAt: createdAt.toISOString(),
  }
}
