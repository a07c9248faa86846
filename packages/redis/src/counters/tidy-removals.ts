import type { Stores } from '@countersign/core/plugin'
import type { Afterwards } from './afterwards.ts'
import type { LockoutCounters } from './lockout-counters.ts'

/** Decorates stores so that the counters of an identity, or of one of its methods, go when it goes. */
export function withTidyRemovals(
  stores: Stores,
  counters: LockoutCounters,
  afterwards: Afterwards,
): Stores {
  const { organizations, projects, identities, authMethods } = stores
  return {
    ...stores,
    organizations: {
      ...organizations,
      async remove([organization], events) {
        const removed = await organizations.remove([organization], events)
        await afterwards(() => counters.drop({ organization }))
        return removed
      },
    },
    projects: {
      ...projects,
      async remove([organization, project], events) {
        const owned = await identitiesOf(stores, organization, project)
        const removed = await projects.remove([organization, project], events)
        await afterwards(() => dropAll(counters, organization, owned))
        return removed
      },
    },
    identities: {
      ...identities,
      async remove([organization, identity], events) {
        const removed = await identities.remove([organization, identity], events)
        await afterwards(() => counters.drop({ organization, identities: [identity] }))
        return removed
      },
    },
    authMethods: {
      ...authMethods,
      async remove([organization, identity, method], events) {
        const removed = await authMethods.remove([organization, identity, method], events)
        await afterwards(() => counters.drop({ organization, identities: [identity], method }))
        return removed
      },
    },
  }
}

const PAGE = 100

/** Who belongs to a project alone, while it is still there. */
async function identitiesOf(
  { identities }: Stores,
  organization: string,
  project: string,
): Promise<readonly string[]> {
  const ids: string[] = []
  const query = { filter: { organization, project }, order: 'id', limit: PAGE } as const
  let page = await identities.page(query)
  ids.push(...page.rows.map(({ id }) => id))
  while (page.next !== undefined) {
    page = await identities.page({ ...query, after: page.next })
    ids.push(...page.rows.map(({ id }) => id))
  }
  return ids
}

async function dropAll(
  counters: LockoutCounters,
  organization: string,
  identities: readonly string[],
): Promise<void> {
  for (let at = 0; at < identities.length; at += PAGE)
    await counters.drop({ organization, identities: identities.slice(at, at + PAGE) })
}
