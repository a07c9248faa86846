import * as z from 'zod'
import { invalid, missing } from '../invalid.ts'
import { membershipAnswer, toMembershipAnswer } from '../wire/member.ts'
import { fromWireRoles, roleAnswer, toRoleAnswer, wireRoles } from '../wire/roles.ts'
import { fromSearches } from '../wire/search.ts'
import { paging, role } from '../wire/words.ts'
import { listEntries } from './identity-lists.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const one = z.strictObject({ identityMembership: membershipAnswer })

/** Where memberships are found, by the paths that clients of several years know. */
const PLACES = [
  { path: '/api/v1/projects/:projectId/memberships/identities', suffix: '' },
  { path: '/api/v1/projects/:projectId/identity-memberships', suffix: '-by-old-path' },
  { path: '/api/v2/workspace/:projectId/identity-memberships', suffix: '-by-oldest-path' },
] as const

/** Manages what identities hold in a project: a membership is all bindings of one identity there. */
export function membershipRoutes(): readonly Route[] {
  return PLACES.flatMap((place) => [
    createRoute(place),
    updateRoute(place),
    deleteRoute(place),
    getRoute(place),
    listRoute(place),
  ])
}

type Place = (typeof PLACES)[number]

function sharedBy({ suffix }: Place) {
  return { tag: 'Project memberships', ...(suffix !== '' && ({ deprecated: true } as const)) }
}

function createRoute(place: Place): Route {
  return managed({
    ...sharedBy(place),
    id: `create-membership${place.suffix}`,
    method: 'POST',
    path: `${place.path}/:identityId` as const,
    summary: 'Adds an identity of the organization to the project, with roles there.',
    permission: 'identity:assign',
    body: z.strictObject({ role: role.optional(), roles: wireRoles.optional() }),
    example: { body: { roles: [{ role: 'viewer', isTemporary: false }] } },
    bodyOptional: true,
    answer: one,
    repeats: 'answered',
    async run(call) {
      const { body } = call
      if (body.role !== undefined && body.roles !== undefined)
        throw invalid('role must not stand beside roles')
      const wanted = body.roles ?? [{ role: body.role ?? 'no-access' }]
      await replace(call, wanted, 'none')
      return { identityMembership: await describe(call) }
    },
  })
}

function updateRoute(place: Place): Route {
  return managed({
    ...sharedBy(place),
    id: `update-membership${place.suffix}`,
    method: 'PATCH',
    path: `${place.path}/:identityId` as const,
    summary: 'Replaces the roles that an identity holds in the project.',
    permission: 'identity:assign',
    body: z.strictObject({ roles: wireRoles }),
    answer: z.strictObject({ roles: z.array(roleAnswer) }),
    async run(call) {
      await replace(call, call.body.roles, 'some')
      return { roles: (await getEntry(call)).roles.map(toRoleAnswer) }
    },
  })
}

function deleteRoute(place: Place): Route {
  return managed({
    ...sharedBy(place),
    id: `delete-membership${place.suffix}`,
    method: 'DELETE',
    path: `${place.path}/:identityId` as const,
    summary: 'Takes away all that an identity holds in the project, its privileges too.',
    permission: 'identity:assign',
    answer: one,
    async run(call) {
      const { manage, organization, params } = call
      const { projectId: project, identityId: identity } = params
      const membership = await describe(call)
      await manage.projects.remove({ organization, project, identity })
      return { identityMembership: membership }
    },
  })
}

function getRoute(place: Place): Route {
  return managed({
    ...sharedBy(place),
    id: `get-membership${place.suffix}`,
    method: 'GET',
    path: `${place.path}/:identityId` as const,
    summary: 'Shows what an identity holds in the project.',
    permission: 'identity:read',
    answer: one,
    run: async (call) => ({ identityMembership: await describe(call) }),
  })
}

function listRoute(place: Place): Route {
  return managed({
    ...sharedBy(place),
    id: `list-memberships${place.suffix}`,
    method: 'GET',
    path: place.path,
    summary: 'Lists who is in the project, and what each holds there.',
    permission: 'identity:read',
    query: z.strictObject({
      ...paging(20_000, 100),
      orderBy: z.literal('name', 'must be name').optional(),
      orderDirection: z.enum(['asc', 'desc'], 'must be asc or desc').default('asc'),
      search: z.string('must be a string').max(255, 'is too long').optional(),
    }),
    answer: z.strictObject({
      identityMemberships: z.array(membershipAnswer),
      totalCount: z.int().min(0),
    }),
    async run({ manage, organization, slugOf, params, query }) {
      const { projectId: project } = params
      const list = {
        organization,
        project,
        descending: query.orderDirection === 'desc',
        search: fromSearches(query.search === undefined ? {} : { name: query.search }),
      }
      const { entries, total } = await listEntries(manage, list, query)
      const toAnswer = (entry: (typeof entries)[number]): object =>
        toMembershipAnswer(entry, project, { organization, slugOf })
      return { identityMemberships: entries.map(toAnswer), totalCount: total }
    },
  })
}

type Call = Pick<
  Managing<'projectId' | 'identityId', unknown, unknown>,
  'manage' | 'organization' | 'params' | 'slugOf'
>

async function replace(
  { manage, organization, params }: Call,
  roles: Parameters<typeof fromWireRoles>[0],
  standing: 'none' | 'some',
): Promise<void> {
  const { projectId: project, identityId: identity } = params
  await manage.roleBindings.replace({
    organization,
    project,
    subject: { identity },
    roles: fromWireRoles(roles),
    standing,
  })
}

async function getEntry({ manage, organization, params }: Call) {
  const { projectId: project, identityId: id } = params
  const entry = await manage.directory.get({ organization, project, id })
  if (entry.restricted) throw missing('identity')
  return entry
}

async function describe(call: Call): Promise<object> {
  const { organization, params, slugOf } = call
  return toMembershipAnswer(await getEntry(call), params.projectId, { organization, slugOf })
}
