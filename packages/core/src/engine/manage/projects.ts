import { conflict, notFound } from '../../errors.ts'
import type {
  EnsuredProject,
  NewProject,
  ProjectChange,
  ProjectKey,
  ProjectList,
} from '../../input/organization.ts'
import {
  ensuredProject,
  newProject,
  projectChange,
  projectKey,
  projectList,
} from '../../input/organization.ts'
import type { ProjectAddition, ProjectRemoval } from '../../input/role-binding.ts'
import { projectAddition, projectRemoval } from '../../input/role-binding.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import type { Event, EventType } from '../../model/event.ts'
import type { Project } from '../../model/project.ts'
import type { RoleBinding } from '../../model/role-binding.ts'
import type { Scope } from '../../model/scope.ts'
import { inOrganization, inScope } from '../../model/scope.ts'
import { pagesOf } from '../pages.ts'
import { bind } from './bind.ts'
import type { CommandsOf, Desk } from './command.ts'
import { assertNoneFreed } from './holders.ts'
import { createKeeper, firstRevision } from './keeper.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'
import { unbind } from './rebind.ts'

/** Manages projects, each inside one organization. */
export interface Projects<Addition = ProjectAddition> {
  /** Makes one; `conflict` where the id is taken in its organization, or the organization is gone. */
  create(project: NewProject): Promise<Project>
  /** Answers the one of this id, and makes it where there is none; one that stands and may be read is left as it is. */
  ensure(project: EnsuredProject): Promise<Project>
  /** Answers one, or throws `not_found`. */
  get(key: ProjectKey): Promise<Project>
  list(query: ProjectList): Promise<Page<Project>>
  /** Changes one; with `revision` only if nothing else changed it meanwhile, else `conflict`. */
  update(change: ProjectChange): Promise<Project>
  /** Deletes one with its roles, all that is bound there, and the identities that belong to it alone. */
  delete(key: ProjectKey): Promise<void>
  /** Adds an identity of the organization to a project: with roles there, or with none that allows anything. */
  add(addition: Addition): Promise<readonly RoleBinding[]>
  /** Takes away all that an identity holds in a project. */
  remove(removal: ProjectRemoval): Promise<void>
}

const keeper = createKeeper('project', (stores) => stores.projects)

const TAKEN = 'The id is taken, or there is no such organization'

/** What managing projects takes and does. */
export const projectCommands: CommandsOf<Projects> = {
  create: {
    input: newProject,
    permission: 'project:create',
    scopeOf: inOrganization,
    run: async (desk, wanted) => {
      const created = await insert(desk, wanted)
      if (created === undefined) throw conflict(TAKEN)
      return created
    },
  },
  ensure: {
    input: ensuredProject,
    permission: 'project:create',
    scopeOf: inOrganization,
    run: async (desk, wanted) => {
      const { organization, id } = wanted
      const standing = await desk.storage.projects.find(organization, id)
      if (standing !== undefined && !desk.boundary.allows('project:read', itself(wanted)))
        throw conflict(TAKEN)
      const ensured = standing ?? (await insert(desk, wanted))
      return ensured ?? keeper.get(desk.storage, [organization, id])
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
    run: remove,
  },
  add: {
    input: projectAddition,
    permission: 'binding:create',
    forIdentities: 'identity:assign',
    scopeOf: inScope,
    targetOf: ({ identity: id }) => ({ kind: 'identity', id }),
    run: add,
  },
  remove: {
    input: projectRemoval,
    permission: 'binding:delete',
    forIdentities: 'identity:assign',
    scopeOf: inScope,
    targetOf: ({ identity: id }) => ({ kind: 'identity', id }),
    run: removeIdentity,
  },
}

/** Whoever belongs to the project alone goes with it, and may not be more than the actor, nor the actor itself. */
async function remove(desk: Desk, { organization, id }: ProjectKey): Promise<void> {
  const project = await keeper.get(desk.storage, [organization, id])
  if (desk.boundary.isBounded) {
    const filter = { organization, project: id }
    for await (const identity of pagesOf(desk.storage.identities, filter)) {
      const subject = { kind: 'identity', id: identity.id } as const
      const [holding] = await desk.storage.roleBindings.heldBy(organization, [subject])
      if (desk.boundary.isOneself(subject)) desk.boundary.refuseOneself()
      if (holding !== undefined) desk.boundary.assertCovers(holding)
    }
  }
  // The id may come back, and whatever reaches all projects reaches it again, then without its denies.
  await assertNoneFreed(desk, project)
  await keeper.remove(
    desk,
    [organization, id],
    eventOf(desk, 'project.deleted', { organization, id }),
  )
}

async function add(
  desk: Desk,
  { organization, project, identity, roles = ['no-access'], ...window }: ProjectAddition,
): Promise<readonly RoleBinding[]> {
  const subject = { kind: 'identity', id: identity } as const
  const scope = { organization, project }
  const bindings: RoleBinding[] = []
  for (const role of new Set(roles))
    bindings.push(await bind(desk, { ...window, subject, scope, role }))
  return bindings
}

async function removeIdentity(
  desk: Desk,
  { organization, project, identity }: ProjectRemoval,
): Promise<void> {
  const filter = { organization, project, subject: { kind: 'identity', id: identity } } as const
  const bindings: RoleBinding[] = []
  for await (const binding of pagesOf(desk.storage.roleBindings, filter)) bindings.push(binding)
  if (bindings.length === 0) throw notFound('identity')
  await unbind(desk, bindings)
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
