import { notFound } from '../../errors.ts'
import type { DirectoryKey, DirectoryList } from '../../input/directory.ts'
import { directoryKey, directoryList } from '../../input/directory.ts'
import { defined } from '../../lib/defined.ts'
import type { Identity } from '../../model/identity.ts'
import type { BoundRole, Holding } from '../../model/role.ts'
import type { RoleBinding, Subject } from '../../model/role-binding.ts'
import type { Scope } from '../../model/scope.ts'
import { inScope } from '../../model/scope.ts'
import { pagesOf } from '../pages.ts'
import type { CommandsOf, Desk } from './command.ts'
import type { Candidate } from './directory-search.ts'
import { findCandidates, matchesSearch, sorted } from './directory-search.ts'

/** A role that is held in the very scope that was asked about; a stored one with its slug and its name. */
export interface HeldRole {
  readonly binding: RoleBinding
  readonly slug: string
  readonly name?: string
}

/** An identity as a directory shows it. What the caller may not read of it is empty; of one that holds more than the caller, only its name is there. */
export interface DirectoryEntry {
  readonly identity: Identity | Pick<Identity, 'id' | 'name'>
  readonly restricted: boolean
  readonly roles: readonly HeldRole[]
  /** The methods by which it may log in. */
  readonly authMethods: readonly string[]
  /** Those of them that are locked at this moment. */
  readonly lockedMethods: readonly string[]
}

/** Shows identities together with what they hold and how they log in: for lists that people look at. */
export interface Directory {
  /** Answers one, or throws `not_found`: in a project, also where it holds nothing there. */
  get(key: DirectoryKey): Promise<DirectoryEntry>
  /** Lists those of an organization, or those in one project, with how many match in all. By name where nothing is said. */
  list(query: DirectoryList): Promise<{
    readonly items: readonly DirectoryEntry[]
    readonly total: number
  }>
}

const itself = ({ id }: { readonly id: string }): Subject => ({ kind: 'identity', id })

/** What showing the directory takes and does. */
export const directoryCommands: CommandsOf<Directory> = {
  get: {
    input: directoryKey,
    permission: 'identity:read',
    scopeOf: inScope,
    targetOf: itself,
    onOneself: true,
    run: get,
  },
  list: { input: directoryList, permission: 'identity:read', scopeOf: inScope, run: list },
}

async function get(
  desk: Desk,
  { organization, project, id }: DirectoryKey,
): Promise<DirectoryEntry> {
  const [holding] = await desk.storage.roleBindings.heldBy(organization, [itself({ id })])
  const scope = inScope({ organization, project })
  if (holding?.identity === undefined || !isIn(holding, scope)) throw notFound('identity')
  return describe(desk, holding.identity, { holding, scope })
}

async function list(
  desk: Desk,
  { limit = 100, offset = 0, search = [], ...query }: DirectoryList,
): Promise<{ readonly items: readonly DirectoryEntry[]; readonly total: number }> {
  const scope = inScope(query)
  await assertProject(desk, scope)
  if (isPlain({ search, ...query })) return listPlain(desk, scope, { limit, offset })
  const found = await findCandidates(desk, scope)
  // Whoever matches a condition would be told by it.
  const isConditional = search.length > 0 || query.order === 'role'
  const matching = found.filter((candidate) =>
    isConditional ? isShown(desk, candidate) && matchesSearch(candidate, scope, search) : true,
  )
  const items: DirectoryEntry[] = []
  for (const candidate of sorted(matching, scope, query).slice(offset, offset + limit))
    items.push(await show(desk, candidate, scope))
  return { items, total: matching.length }
}

async function show(desk: Desk, holding: Candidate, scope: Scope): Promise<DirectoryEntry> {
  const { identity } = holding
  return isShown(desk, holding) ? describe(desk, identity, { holding, scope }) : restrict(identity)
}

/** Whether everybody is wanted, in the order in which storages keep them. */
function isPlain({ search = [], order = 'name', descending = false }: Sought): boolean {
  return search.length === 0 && order === 'name' && !descending
}

type Sought = Pick<DirectoryList, 'search' | 'order' | 'descending'>

/** Reads the rows of one page, and lets the storage count the others. */
async function listPlain(
  desk: Desk,
  scope: Scope,
  cut: { readonly limit: number; readonly offset: number },
): ReturnType<Directory['list']> {
  const { organization, project } = scope
  const filter = { organization, ...(project !== undefined && { foundIn: project }) }
  const query = { filter, order: 'name', ...cut, count: true } as const
  const { rows, total = 0 } = await desk.storage.identities.page(query)
  const held = await desk.storage.roleBindings.heldBy(organization, rows.map(itself))
  const items: DirectoryEntry[] = []
  for (const { identity, ...holding } of held)
    if (identity !== undefined) items.push(await show(desk, { ...holding, identity }, scope))
  return { items, total }
}

async function assertProject({ storage }: Desk, { organization, project }: Scope): Promise<void> {
  if (project === undefined) return
  if ((await storage.projects.find(organization, project)) === undefined) throw notFound('project')
}

function isShown({ boundary }: Desk, holding: Holding): boolean {
  return !boundary.isBounded || boundary.isOneself(holding.subject) || boundary.covers(holding)
}

/** Whether an identity belongs to a scope, or holds something there. */
function isIn({ identity, bound }: Holding, { project }: Scope): boolean {
  if (project === undefined || identity?.project === project) return true
  return bound.some(({ binding }) => binding.project === project)
}

async function describe(
  desk: Desk,
  identity: Identity,
  { holding, scope }: { readonly holding: Holding; readonly scope: Scope },
): Promise<DirectoryEntry> {
  const { boundary, storage, clock } = desk
  const { organization, id } = identity
  const isOneself = boundary.isOneself(holding.subject)
  const mayRead = (permission: 'binding:read' | 'auth-method:read'): boolean =>
    isOneself || boundary.allows(permission, scope)
  const authMethods: string[] = []
  if (mayRead('auth-method:read'))
    for await (const { method } of pagesOf(storage.authMethods, { organization, identity: id }))
      authMethods.push(method)
  const locked =
    authMethods.length === 0
      ? []
      : await storage.lockouts.active({ organization, identity: id }, clock.now())
  return {
    identity,
    restricted: false,
    roles: mayRead('binding:read') ? rolesIn(desk, holding, scope) : [],
    authMethods: authMethods.toSorted(),
    lockedMethods: [...new Set(locked.map(({ method }) => method))].toSorted(),
  }
}

function restrict({ id, name }: Identity): DirectoryEntry {
  const nothing = { roles: [], authMethods: [], lockedMethods: [] }
  return { identity: { id, name }, restricted: true, ...nothing }
}

function rolesIn(desk: Desk, { bound }: Holding, { project }: Scope): readonly HeldRole[] {
  return bound
    .filter(({ binding }) => binding.project === project && binding.role !== undefined)
    .map((one) => toHeldRole(desk, one))
}

function toHeldRole({ codeRoles }: Desk, { binding, role }: BoundRole): HeldRole {
  const slug = role?.slug ?? binding.role ?? ''
  const level = binding.project === undefined ? 'organization' : 'project'
  return { binding, slug, ...defined({ name: (role ?? codeRoles.find(slug, level))?.name }) }
}
