import { conflict } from '../../errors.ts'
import type {
  EnsuredOrganization,
  NewOrganization,
  OrganizationChange,
  OrganizationKey,
  OrganizationList,
} from '../../input/organization.ts'
import {
  ensuredOrganization,
  newOrganization,
  organizationChange,
  organizationKey,
  organizationList,
} from '../../input/organization.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import type { Event, EventType } from '../../model/event.ts'
import type { Organization } from '../../model/organization.ts'
import type { CommandsOf, Desk } from './command.ts'
import { createKeeper, firstRevision } from './keeper.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'

/** Manages organizations: the tenants. */
export interface Organizations {
  /** Makes one; `conflict` where the id is taken. */
  create(organization: NewOrganization): Promise<Organization>
  /** Answers the one of this id, and makes it where there is none; one that stands is left as it is. */
  ensure(organization: EnsuredOrganization): Promise<Organization>
  /** Answers one, or throws `not_found`. */
  get(key: OrganizationKey): Promise<Organization>
  list(query?: OrganizationList): Promise<Page<Organization>>
  /** Changes one; with `revision` only if nothing else changed it meanwhile, else `conflict`. */
  update(change: OrganizationChange): Promise<Organization>
  /** Deletes one with everything in it, for good. Its audit trail stays. */
  delete(key: OrganizationKey): Promise<void>
}

const keeper = createKeeper('organization', (stores) => stores.organizations)

/** What managing organizations takes and does. */
export const organizationCommands: CommandsOf<Organizations> = {
  create: {
    input: newOrganization,
    permission: 'organization:create',
    run: async (desk, wanted) => {
      const created = await insert(desk, wanted)
      if (created === undefined) throw conflict('An organization of this id exists already')
      return created
    },
  },
  ensure: {
    input: ensuredOrganization,
    permission: 'organization:create',
    run: async (desk, wanted) => {
      const standing =
        (await desk.storage.organizations.find(wanted.id)) ?? (await insert(desk, wanted))
      return standing ?? keeper.get(desk.storage, [wanted.id])
    },
  },
  get: {
    input: organizationKey,
    permission: 'organization:read',
    run: ({ storage }, { id }) => keeper.get(storage, [id]),
  },
  list: {
    input: organizationList,
    permission: 'organization:read',
    run: ({ storage }, { name, ...page }) =>
      pageOf('organizations', storage.organizations, page, defined({ name })),
  },
  update: {
    input: organizationChange,
    permission: 'organization:update',
    run: (desk, { id, revision, ...changes }) => {
      const event = (): Event => eventOf(desk, 'organization.updated', id)
      return keeper.update(desk, [id], { revision, apply: () => defined(changes), event })
    },
  },
  delete: {
    input: organizationKey,
    permission: 'organization:delete',
    run: (desk, { id }) => keeper.remove(desk, [id], eventOf(desk, 'organization.deleted', id)),
  },
}

async function insert(
  desk: Desk,
  { id, name }: NewOrganization,
): Promise<Organization | undefined> {
  const now = desk.clock.now()
  const created = { id: id ?? mintId('org', now, desk.runtime.random), name, ...firstRevision(now) }
  const event = eventOf(desk, 'organization.created', created.id)
  return (await desk.storage.organizations.insert(created, [event])) ? created : undefined
}

function eventOf({ note }: Desk, type: EventType, id: string): Event {
  return note({ type, organization: id, target: { kind: 'organization', id } })
}
