import type { DirectoryEntry, DirectoryList, Page } from '@countersign/core'
import * as z from 'zod'
import { collect } from '../collect.ts'
import type { Management } from '../engine.ts'
import {
  memberAnswer,
  membershipAnswer,
  toMemberAnswer,
  toMembershipAnswer,
} from '../wire/member.ts'
import { fromSearches, wireSearches } from '../wire/search.ts'
import { id, paging, whole } from '../wire/words.ts'
import { assertOwn } from './identities.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const tag = 'Identities'
const many = z.strictObject({ identities: z.array(memberAnswer), totalCount: z.int().min(0) })
const direction = z.enum(['asc', 'desc'], 'must be asc or desc')

/** Shows the identities of an organization, with what they hold there. */
export const identityListRoutes: readonly Route[] = [
  managed({
    id: 'get-identity',
    method: 'GET',
    path: '/api/v1/identities/:identityId',
    tag,
    summary: 'Shows an identity, its role in the organization, and how it logs in.',
    permission: 'identity:read',
    answer: z.strictObject({ identity: memberAnswer }),
    async run({ manage, organization, slugOf, params }) {
      const entry = await manage.directory.get({ organization, id: params.identityId })
      return { identity: toMemberAnswer(entry, { organization, slugOf }) }
    },
  }),
  managed({
    id: 'list-identities',
    method: 'GET',
    path: '/api/v1/identities',
    tag,
    summary: 'Lists the identities of the organization, by name.',
    permission: 'identity:read',
    query: z.strictObject({ orgId: id.optional(), ...paging(20_000, 20_000) }),
    answer: many,
    async run({ manage, organization, slugOf, query: { orgId, ...page } }) {
      assertOwn(organization, orgId)
      const { entries, total } = await listEntries(manage, { organization }, page)
      const identities = entries.map((entry) => toMemberAnswer(entry, { organization, slugOf }))
      return { identities, totalCount: total }
    },
  }),
  managed({
    id: 'search-identities',
    method: 'POST',
    path: '/api/v1/identities/search',
    tag,
    summary: 'Finds identities of the organization by their names and roles.',
    permission: 'identity:read',
    body: z.strictObject({
      orderBy: z.enum(['name', 'role'], 'must be name or role').default('name'),
      orderDirection: direction.default('asc'),
      limit: whole(1, 100).default(50),
      offset: whole(0, 10_000).default(0),
      search: wireSearches.optional(),
    }),
    bodyOptional: true,
    answer: many,
    async run({ manage, organization, slugOf, body }) {
      const { items, total } = await manage.directory.list({
        organization,
        order: body.orderBy,
        descending: body.orderDirection === 'desc',
        limit: body.limit,
        offset: body.offset,
        search: fromSearches(body.search ?? {}),
      })
      const identities = items.map((entry) => toMemberAnswer(entry, { organization, slugOf }))
      return { identities, totalCount: total }
    },
  }),
  managed({
    id: 'list-memberships-of-identity',
    method: 'GET',
    path: '/api/v1/identities/:identityId/identity-memberships',
    tag,
    summary: 'Lists the projects in which an identity holds something.',
    permission: 'binding:read',
    answer: z.strictObject({ identityMemberships: z.array(membershipAnswer) }),
    run: listMemberships,
  }),
]

/** Collects as many rows of a directory as a client asks for, and how many there are. */
export async function listEntries(
  { directory }: Pick<Management, 'directory'>,
  query: DirectoryList,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<{ readonly entries: readonly DirectoryEntry[]; readonly total: number }> {
  let total = 0
  let next = offset
  const ask = async (page: { readonly limit: number }): Promise<Page<DirectoryEntry>> => {
    const answered = await directory.list({ ...query, offset: next, limit: page.limit })
    total = answered.total
    next += page.limit
    const goesOn = next < total && next <= FURTHEST
    return { items: answered.items, ...(goesOn && { cursor: String(next) }) }
  }
  return { entries: await collect(ask, { offset: 0, limit }), total }
}

/** The most rows that the engine leaves out. */
const FURTHEST = 10_000

async function listMemberships(call: Managing<'identityId'>): Promise<object> {
  const { manage, organization, params, principal, slugOf } = call
  const { identityId: identity } = params
  await manage.identities.get({ organization, id: identity })
  const bindings = await collect(
    (page) => manage.roleBindings.list({ organization, subject: { identity }, ...page }),
    { offset: 0, limit: 10_000 },
  )
  const projects = new Set(
    bindings.flatMap((binding) => ('restricted' in binding ? [] : (binding.project ?? []))),
  )
  const identityMemberships = []
  for (const project of projects) {
    const entry = await manage.directory.get({ organization, project, id: identity })
    const mayName = principal.canSometimes('project:read', { project })
    const named = mayName ? await manage.projects.get({ organization, id: project }) : undefined
    identityMemberships.push({
      ...toMembershipAnswer(entry, project, { organization, slugOf }),
      ...(named && { project: { id: project, name: named.name, type: 'project' } }),
    })
  }
  return { identityMemberships }
}
