import { conflict } from '../errors.ts'
import type {
  EnsuredProject,
  NewProject,
  ProjectChange,
  ProjectKey,
  ProjectList,
} from '../input/organization.ts'
import {
  ensuredProject,
  newProject,
  projectChange,
  projectKey,
  projectList,
} from '../input/organization.ts'
import { mintId } from '../lib/ids.ts'
import type { Event, EventType } from '../model/event.ts'
import type { Project } from '../model/project.ts'
import type { Scope } from '../model/scope.ts'
import type { CommandsOf, Desk } from './command.ts'
import { inOrganization } from './command.ts'
import { createKeeper, defined, firstRevision } from './keeper.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'

/** Manages projects, each inside one organization. */
export interface Projects {
  /** Makes one; `conflict` where the id is taken in its organization, or the organization is gone. */
  create(project: NewProject): Promise<Project>
  /** Answers the one of this id, and makes it where there is none; one that stands is left as it is. */
  ensure(project: EnsuredProject): Promise<Project>
  /** Answers one, or throws `not_found`. */
  get(key: ProjectKey): Promise<Project>
  list(query: ProjectList): Promise<Page<Project>>
  /** Changes one; with `revision` only if nothing else changed it meanwhile, else `conflict`. */
  update(change: ProjectChange): Promise<Project>
  /** Deletes one with all that is bound to it. */
  delete(key: ProjectKey): Promise<void>
}

const keeper = createKeeper('project', (stores) => stores.projects)

/** What managing projects takes and does. */
export const projectCommands: CommandsOf<Projects> = {
  create: {
    input: newProject,
    permission: 'project:create',
    scopeOf: inOrganization,
    run: async (desk, wanted) => {
      const created = await insert(desk, wanted)
      if (created === undefined) throw conflict('The id is taken, or there is no such organization')
      return created
    },
  },
  ensure: {
    input: ensuredProject,
    permission: 'project:create',
    scopeOf: inOrganization,
    run: async (desk, wanted) => {
      const { organization, id } = wanted
      const standing =
        (await desk.storage.projects.find(organization, id)) ?? (await insert(desk, wanted))
      return standing ?? keeper.get(desk.storage, [organization, id])
    },
  },
  get: {
    input: projectKey,
    permission: 'project:read',
    scopeOf: itself,
    run: ({ storage }, { organization, id }) => keeper.get(storage, [organization, id]),
  },
  list: {
    input: projectList,
    permission: 'project:read',
    scopeOf: inOrganization,
    run: ({ storage }, { organization, name, ...page }) =>
      pageOf('projects', storage.projects, page, { organization, ...defined({ name }) }),
  },
  update: {
    input: projectChange,
    permission: 'project:update',
    scopeOf: itself,
    run: (desk, { organization, id, revision, ...changes }) => {
      const event = (): Event => eventOf(desk, 'project.updated', { organization, id })
      return keeper.update(desk, [organization, id], {
        revision,
        apply: () => defined(changes),
        event,
      })
    },
  },
  delete: {
    input: projectKey,
    permission: 'project:delete',
    scopeOf: itself,
    run: (desk, key) =>
      keeper.remove(desk, [key.organization, key.id], eventOf(desk, 'project.deleted', key)),
  },
}

async function insert(
  desk: Desk,
  { organization, id, name }: NewProject,
): Promise<Project | undefined> {
  const now = desk.clock.now()
  const minted = id ?? mintId('prj', now, desk.runtime.random)
  const created = { id: minted, organization, name, ...firstRevision(now) }
  const event = eventOf(desk, 'project.created', created)
  return (await desk.storage.projects.insert(created, [event])) ? created : undefined
}

function eventOf({ note }: Desk, type: EventType, { organization, id }: ProjectKey): Event {
  return note({ type, organization, target: { kind: 'project', id } })
}

function itself({ organization, id }: ProjectKey): Scope {
  return { organization, project: id }
}
