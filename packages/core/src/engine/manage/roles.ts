import { conflict, invalidRequest, notFound } from '../../errors.ts'
import type {
  CodeRoleList,
  NewRole,
  RoleChange,
  RoleDeletion,
  RoleKey,
  RoleList,
  RolePreview,
} from '../../input/role.ts'
import {
  codeRoleList,
  newRole,
  roleChange,
  roleDeletion,
  roleKey,
  roleList,
  rolePreview,
} from '../../input/role.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import type { Event, EventType } from '../../model/event.ts'
import { refuseRoleSlug } from '../../model/permission/built-in-rules.ts'
import type { CodeRole } from '../../model/permission/code-roles.ts'
import { compileRules } from '../../model/permission/compile-rules.ts'
import { compileRuleSet } from '../../model/permission/rule-set.ts'
import { levelOf } from '../../model/resources.ts'
import type { Role, RoleId } from '../../model/role.ts'
import type { Scope } from '../../model/scope.ts'
import { inScope } from '../../model/scope.ts'
import type { Stores } from '../../ports/storage.ts'
import { readRules } from '../read-rules.ts'
import type { CommandsOf, Desk } from './command.ts'
import type { RoleEffect } from './holders.ts'
import { assertHolders, effectOn } from './holders.ts'
import { createKeeper, firstRevision } from './keeper.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'

/** A stored role that holds more than whoever lists it. */
export interface RestrictedRole {
  readonly id: RoleId
  readonly slug: string
  readonly name: string
  readonly restricted: true
}

/** A role in code, as lists show it. */
export type ListedCodeRole = Omit<CodeRole, 'set'>

/** Manages roles as data; those in code need no record. */
export interface Roles<
  Listed = Role | RestrictedRole,
  New = NewRole,
  Changed = RoleChange,
  Previewed = RolePreview,
> {
  /** Makes a role of an organization, or of one project; its rules are read in the host's own vocabulary. */
  create(role: New): Promise<Role>
  /** Answers one, or throws `not_found`. */
  get(key: RoleKey): Promise<Role>
  /** Lists the roles of the organization itself, or of one project. */
  list(query: RoleList): Promise<Page<Listed>>
  /** Lists the roles in code that can be bound there: the built-in ones, and the host's own. */
  listInCode(query: CodeRoleList): Promise<readonly ListedCodeRole[]>
  /** Changes one for whoever holds it, at once; with `revision` only if nothing else changed it meanwhile. */
  update(change: Changed): Promise<Role>
  /** Tells who would gain and who would lose by other rules, with one witness each; changes nothing. */
  preview(preview: Previewed): Promise<readonly RoleEffect[]>
  /** Deletes one; `conflict` while somebody holds it, unless `unbind` takes it away from them too. */
  delete(deletion: RoleDeletion): Promise<void>
}

const keeper = createKeeper('role', (stores) => stores.roles)

/** What managing roles takes and does. */
export const roleCommands: CommandsOf<Roles> = {
  create: { input: newRole, permission: 'role:create', scopeOf: inScope, run: create },
  get: {
    input: roleKey,
    permission: 'role:read',
    homeOf: scopeOfRole,
    async run(desk, { organization, id }) {
      const role = await keeper.get(desk.storage, [organization, id])
      assertCoversRole(desk, role, 'hidden')
      return role
    },
  },
  list: { input: roleList, permission: 'role:read', scopeOf: inScope, run: list },
  listInCode: {
    input: codeRoleList,
    permission: 'role:read',
    scopeOf: inScope,
    run: async ({ codeRoles }, { project }) =>
      codeRoles.list(levelOf({ project })).map(({ set: _set, ...role }) => structuredClone(role)),
  },
  update: { input: roleChange, permission: 'role:update', homeOf: scopeOfRole, run: update },
  preview: {
    input: rolePreview,
    permission: 'role:update',
    homeOf: scopeOfRole,
    async run(desk, { organization, id, rules }) {
      const role = await keeper.get(desk.storage, [organization, id])
      const revised = { ...role, rules: readRules(desk, rules, role) }
      assertCoversRole(desk, role, 'hidden')
      assertCoversRole(desk, revised, 'shown')
      return effectOn(desk, role, revised)
    },
  },
  delete: { input: roleDeletion, permission: 'role:delete', homeOf: scopeOfRole, run: remove },
}

async function create(desk: Desk, { rules, ...wanted }: NewRole): Promise<Role> {
  const { organization, project, slug, name, description = '' } = wanted
  const scope = inScope({ organization, project })
  assertFreeSlug(desk, slug, scope)
  const now = desk.clock.now()
  const role: Role = {
    id: mintId('rol', now, desk.runtime.random),
    ...scope,
    slug,
    name,
    description,
    rules: readRules(desk, rules, scope),
    createdBy: desk.actor,
    ...firstRevision(now),
  }
  assertCoversRole(desk, role, 'shown')
  if (await desk.storage.roles.insert(role, [roleEvent(desk, 'role.created', role)])) return role
  if ((await desk.storage.organizations.find(organization)) === undefined)
    throw notFound('organization')
  if (project !== undefined) {
    if ((await desk.storage.projects.find(organization, project)) === undefined)
      throw notFound('project')
  }
  throw conflict('A role of this slug exists already')
}

async function list(desk: Desk, query: RoleList): Promise<Page<Role | RestrictedRole>> {
  const { organization, project, slug, ...page } = query
  const level = levelOf({ project })
  const filter = { organization, level, ...defined({ project, slug }) }
  const { items, ...rest } = await pageOf('roles', desk.storage.roles, page, filter)
  return { items: items.map((role) => (coversRole(desk, role) ? role : restrict(role))), ...rest }
}

async function update(
  desk: Desk,
  { organization, id, revision, rules, ...changes }: RoleChange,
): Promise<Role> {
  const standing = await keeper.get(desk.storage, [organization, id])
  if (changes.slug !== undefined) assertFreeSlug(desk, changes.slug, standing)
  const read = rules === undefined ? undefined : readRules(desk, rules, standing)
  assertCoversRole(desk, standing, 'hidden')
  const revised = await keeper.update(desk, [organization, id], {
    revision,
    apply: () => ({ ...defined(changes), ...(read !== undefined && { rules: read }) }),
    event: (role) => roleEvent(desk, 'role.updated', role),
  })
  assertCoversRole(desk, revised, 'shown')
  await assertHolders(desk, standing, revised)
  return revised
}

async function remove(desk: Desk, { organization, id, unbind }: RoleDeletion): Promise<void> {
  const role = await keeper.get(desk.storage, [organization, id])
  assertCoversRole(desk, role, 'hidden')
  const query = { filter: { organization, role: id }, order: 'id', limit: 1 } as const
  const isHeld = (await desk.storage.roleBindings.page(query)).rows.length > 0
  if (isHeld && unbind !== true)
    throw conflict('Somebody holds the role; unbind takes it away from them too')
  await assertHolders(desk, role, undefined)
  await keeper.remove(desk, [organization, id], roleEvent(desk, 'role.deleted', role))
}

/** A role is judged as its least known holder could hold it: references may stand for anything. */
function assertCoversRole(desk: Desk, role: Role, showing: 'shown' | 'hidden'): void {
  desk.boundary.assertRole(compileRole(desk, role), showing)
}

function coversRole(desk: Desk, role: Role): boolean {
  return desk.boundary.coversRules(compileRole(desk, role))
}

function compileRole({ vocabulary }: Desk, role: Role) {
  const rules = compileRuleSet(vocabulary, role.rules)
  return compileRules(vocabulary, [
    { binding: role.id, role: role.slug, scope: inScope(role), rules },
  ])
}

function restrict({ id, slug, name }: Role): RestrictedRole {
  return { id, slug, name, restricted: true }
}

/** A stored role may not pass for one in code. */
function assertFreeSlug({ codeRoles }: Desk, slug: string, scope: Scope): void {
  const problem = refuseRoleSlug(slug)
  if (problem !== undefined) throw invalidRequest(problem)
  if (codeRoles.find(slug, levelOf(scope)) !== undefined)
    throw invalidRequest('slug is that of a role in code')
}

async function scopeOfRole({ organization, id }: RoleKey, { roles }: Stores): Promise<Scope> {
  return inScope({ organization, project: (await roles.find(organization, id))?.project })
}

function roleEvent({ note }: Desk, type: EventType, { organization, id, slug }: Role): Event {
  return note({ type, organization, target: { kind: 'role', id }, details: { slug } })
}
