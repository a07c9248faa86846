import { conflict, invalidRequest, notFound } from '../../errors.ts'
import type { WindowInput } from '../../input/role-binding.ts'
import { defined } from '../../lib/defined.ts'
import { mintId } from '../../lib/ids.ts'
import { later } from '../../lib/time.ts'
import type { Event, EventType } from '../../model/event.ts'
import { levelOf } from '../../model/resources.ts'
import type { Role } from '../../model/role.ts'
import { isRoleId } from '../../model/role.ts'
import type { RoleBinding, Subject } from '../../model/role-binding.ts'
import type { Rule } from '../../model/rule.ts'
import type { Scope } from '../../model/scope.ts'
import { readRules } from '../read-rules.ts'
import type { Showing } from './boundary.ts'
import type { Desk } from './command.ts'

/** What somebody shall hold, where, and from when until when. */
export interface Wanted extends WindowInput {
  readonly subject: Subject
  readonly scope: Scope
  readonly role?: string | undefined
  readonly rules?: readonly Rule[] | undefined
  /** The id of a binding that this one takes the place of. */
  readonly id?: RoleBinding['id'] | undefined
}

/** The most bindings of one subject in one scope. */
const MOST_BINDINGS = 100

/** Binds a role or rules to a subject, if that gives it nothing that the actor does not hold. */
export async function bind(desk: Desk, wanted: Wanted): Promise<RoleBinding> {
  const { subject, scope } = wanted
  const identity = await findSubject(desk, subject, scope)
  const named = await nameBound(desk, wanted)
  const createdAt = desk.clock.now()
  const binding: RoleBinding = {
    id: wanted.id ?? mintId('bnd', createdAt, desk.runtime.random),
    ...scope,
    subject,
    ...named.bound,
    ...windowOf(wanted, createdAt),
    createdBy: desk.actor,
    createdAt,
  }
  const bound = [{ binding, ...defined({ role: named.stored }) }]
  desk.boundary.assertGrants({ subject, bound, ...defined({ identity }) }, named.showing)
  await assertRoom(desk, subject, scope)
  const event = bindingEvent(desk, 'role_binding.created', binding)
  if (!(await desk.storage.roleBindings.insert(binding, [event])))
    throw notFound(scope.project === undefined ? 'organization' : 'project')
  return binding
}

/** The event of a binding that came or went. */
export function bindingEvent(
  { note }: Pick<Desk, 'note'>,
  type: EventType,
  { id, organization, project, subject, role }: RoleBinding,
): Event {
  const target = { kind: 'role_binding', id } as const
  const who = { [subject.kind]: subject.id }
  return note({ type, organization, target, details: { ...who, ...defined({ role, project }) } })
}

/** An identity must be there, and be at home where it is bound. */
async function findSubject({ storage }: Desk, { kind, id }: Subject, scope: Scope) {
  if (scope.project !== undefined) {
    const project = await storage.projects.find(scope.organization, scope.project)
    if (project === undefined) throw notFound('project')
  }
  if (kind === 'user') return undefined
  const identity = await storage.identities.find(scope.organization, id)
  if (identity === undefined) throw notFound('identity')
  if (identity.project !== undefined && identity.project !== scope.project)
    throw invalidRequest('identity belongs to one project, and can be bound in that one alone')
  return identity
}

/** What a binding holds, and whether the actor may see it. */
interface Named {
  readonly bound: Pick<RoleBinding, 'role' | 'rules'>
  readonly stored?: Role
  readonly showing: Showing
}

async function nameBound(desk: Desk, { scope, role, rules }: Wanted): Promise<Named> {
  if (role === undefined)
    return { bound: { rules: readRules(desk, rules, scope) }, showing: 'shown' }
  if (desk.codeRoles.find(role, levelOf(scope)) !== undefined)
    return { bound: { role }, showing: 'shown' }
  const stored = await findRole(desk, scope, role)
  return { bound: { role: stored.id }, stored, showing: 'hidden' }
}

/** Finds a stored role of this very scope, by its id or its slug. */
async function findRole({ storage }: Desk, scope: Scope, role: string): Promise<Role> {
  const { organization, project } = scope
  if (isRoleId(role)) {
    const found = await storage.roles.find(organization, role)
    if (found === undefined || found.project !== project) throw notFound('role')
    return found
  }
  const filter = { organization, ...defined({ project }), level: levelOf(scope), slug: role }
  const [found] = (await storage.roles.page({ filter, order: 'id', limit: 1 })).rows
  if (found === undefined)
    throw invalidRequest(`role must be one that is there for ${WHERE[levelOf(scope)]}`)
  return found
}

const WHERE = { organization: 'organizations', project: 'projects' } as const

/** The window that was asked for, as instants. */
function windowOf(
  { from, until, for: span }: WindowInput,
  now: Date,
): Pick<RoleBinding, 'from' | 'until'> {
  if (until !== undefined && span !== undefined)
    throw invalidRequest('until must not stand beside for')
  const start = from ?? now
  const end = typeof span === 'number' ? later(start, span) : until
  if (end !== undefined && end <= now) throw invalidRequest('until must lie in the future')
  if (end !== undefined && end <= start) throw invalidRequest('until must lie behind from')
  return defined({ from, until: end })
}

async function assertRoom({ storage }: Desk, subject: Subject, scope: Scope): Promise<void> {
  const filter = { ...scope, subject, level: levelOf(scope) }
  const query = { filter, order: 'id', limit: MOST_BINDINGS } as const
  if ((await storage.roleBindings.page(query)).rows.length >= MOST_BINDINGS)
    throw conflict(`Nobody can hold more than ${MOST_BINDINGS} bindings in one scope`)
}
