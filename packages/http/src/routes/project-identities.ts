import * as z from 'zod'
import { missing } from '../invalid.ts'
import { isShown, oneIdentity, toIdentityAnswer } from '../wire/identity.ts'
import { memberAnswer, toMemberAnswer } from '../wire/member.ts'
import { fromSearches } from '../wire/search.ts'
import { flag, metadata, name, paging } from '../wire/words.ts'
import { describe, fromSettings } from './identities.ts'
import { listEntries } from './identity-lists.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const IDENTITIES = '/api/v1/projects/:projectId/identities' as const
const IDENTITY = `${IDENTITIES}/:identityId` as const
const tag = 'Project identities'
const settings = { hasDeleteProtection: flag.optional(), metadata: metadata.optional() }

/** Manages identities that belong to one project alone; their roles are its memberships. */
export const projectIdentityRoutes: readonly Route[] = [
  managed({
    id: 'create-project-identity',
    method: 'POST',
    path: IDENTITIES,
    tag,
    summary: 'Makes an identity that belongs to the project alone.',
    permission: 'identity:create',
    body: z.strictObject({ ...settings, name }),
    answer: oneIdentity,
    repeats: 'answered',
    async run({ manage, organization, params, body }) {
      const { identity } = await manage.identities.create({
        organization,
        project: params.projectId,
        name: body.name,
        ...fromSettings(body),
      })
      return { identity: toIdentityAnswer(identity) }
    },
  }),
  managed({
    id: 'list-project-identities',
    method: 'GET',
    path: IDENTITIES,
    tag,
    summary: 'Lists the identities of the project, and those that hold something in it.',
    permission: 'identity:read',
    query: z.strictObject({ ...paging(20_000, 100), search: z.string().max(255).optional() }),
    answer: z.strictObject({ identities: z.array(memberAnswer), totalCount: z.int() }),
    async run({ manage, organization, slugOf, params, query: { search, ...page } }) {
      const query = {
        organization,
        project: params.projectId,
        search: fromSearches(search === undefined ? {} : { name: search }),
      }
      const { entries, total } = await listEntries(manage, query, page)
      const identities = entries.map((entry) => toMemberAnswer(entry, { organization, slugOf }))
      return { identities, totalCount: total }
    },
  }),
  managed({
    id: 'get-project-identity',
    method: 'GET',
    path: IDENTITY,
    tag,
    summary: 'Shows an identity of the project.',
    permission: 'identity:read',
    answer: oneIdentity,
    run: async (call) => describe(call, await getOwn(call)),
  }),
  managed({
    id: 'update-project-identity',
    method: 'PATCH',
    path: IDENTITY,
    tag,
    summary: 'Changes an identity that belongs to the project.',
    permission: 'identity:update',
    body: z.strictObject({ ...settings, name: name.optional() }),
    answer: oneIdentity,
    async run(call) {
      const { manage, organization, body } = call
      const { id } = await getOwn(call)
      const identity = await manage.identities.update({
        organization,
        id,
        ...(body.name !== undefined && { name: body.name }),
        ...fromSettings(body),
      })
      return describe(call, identity)
    },
  }),
  managed({
    id: 'delete-project-identity',
    method: 'DELETE',
    path: IDENTITY,
    tag,
    summary: 'Deletes an identity that belongs to the project; 409 while it is protected.',
    permission: 'identity:delete',
    answer: oneIdentity,
    async run(call) {
      const { manage, organization } = call
      const identity = await getOwn(call)
      const described = await describe(call, identity)
      await manage.identities.delete({ organization, id: identity.id })
      return described
    },
  }),
]

type Keyed = Pick<
  Managing<'projectId' | 'identityId', unknown, unknown>,
  'manage' | 'organization' | 'params'
>

/** An identity that does not belong to this project is not one of it. */
async function getOwn({ manage, organization, params }: Keyed) {
  const { projectId: project, identityId: id } = params
  const entry = await manage.directory.get({ organization, project, id })
  if (!isShown(entry) || entry.identity.project !== project) throw missing('identity')
  return entry.identity
}
