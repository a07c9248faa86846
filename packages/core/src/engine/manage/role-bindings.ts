import { notFound } from '../../errors.ts'
import type {
  NewRoleBinding,
  RoleBindingKey,
  RoleBindingList,
  SubjectInput,
} from '../../input/role-binding.ts'
import { newRoleBinding, roleBindingKey, roleBindingList } from '../../input/role-binding.ts'
import { defined } from '../../lib/defined.ts'
import type { RoleBinding, Subject } from '../../model/role-binding.ts'
import type { Scope } from '../../model/scope.ts'
import { inScope } from '../../model/scope.ts'
import type { Stores } from '../../ports/storage.ts'
import { bind, bindingEvent } from './bind.ts'
import type { CommandsOf, Desk } from './command.ts'
import { keepingAnAdmin } from './last-admin.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'
import { coveredAmong, onlyCovered } from './restricted.ts'

/** A binding of somebody who holds more than whoever lists it. */
export interface RestrictedRoleBinding {
  readonly id: string
  readonly subject: Subject
  readonly restricted: true
}

/** Manages role bindings: who holds what, where, and from when until when. */
export interface RoleBindings<Listed = RoleBinding | RestrictedRoleBinding, New = NewRoleBinding> {
  /** Binds a role, or rules of the subject's own. Several bindings add up. */
  create(binding: New): Promise<RoleBinding>
  /** Answers one, or throws `not_found`. */
  get(key: RoleBindingKey): Promise<RoleBinding>
  /** Lists the bindings in an organization and its projects, or in one project; by a role, of the covered alone. */
  list(query: RoleBindingList): Promise<Page<Listed>>
  /** Takes one away, at once. */
  delete(key: RoleBindingKey): Promise<void>
}

/** What managing role bindings takes and does. `identity:assign` is enough where the subject is an identity. */
export const roleBindingCommands: CommandsOf<RoleBindings> = {
  create: {
    input: newRoleBinding,
    permission: 'binding:create',
    forIdentities: 'identity:assign',
    scopeOf: inScope,
    targetOf: ({ subject }) => toSubject(subject),
    run: (desk, { organization, project, subject, ...wanted }) => {
      const scope = inScope({ organization, project })
      return bind(desk, { ...wanted, subject: toSubject(subject), scope })
    },
  },
  get: {
    input: roleBindingKey,
    permission: 'binding:read',
    homeOf: scopeOfBinding,
    targetOf: subjectOfBinding,
    onOneself: true,
    run: ({ storage }, key) => getBinding(storage, key),
  },
  list: {
    input: roleBindingList,
    permission: 'binding:read',
    scopeOf: inScope,
    run: list,
  },
  delete: {
    input: roleBindingKey,
    permission: 'binding:delete',
    forIdentities: 'identity:assign',
    homeOf: scopeOfBinding,
    targetOf: subjectOfBinding,
    run: async (desk, key) => unbind(desk, [await getBinding(desk.storage, key)]),
  },
}

/** Takes bindings of one subject away, if what is left of its permissions does not exceed the actor's. */
export async function unbind(desk: Desk, bindings: readonly RoleBinding[]): Promise<void> {
  const [first] = bindings
  if (first === undefined) return
  const { organization, subject } = first
  await keepingAnAdmin(desk, organization, async () => {
    for (const binding of bindings) {
      const event = bindingEvent(desk, 'role_binding.deleted', binding)
      await desk.storage.roleBindings.remove([organization, binding.id], [event])
    }
  })
  // Without a deny that it held, somebody may do more than before.
  const [left] = await desk.storage.roleBindings.heldBy(organization, [subject])
  if (left !== undefined) desk.boundary.assertGrants(left, 'hidden')
}

async function list(
  desk: Desk,
  { organization, project, subject, role, ...page }: RoleBindingList,
): Promise<Page<RoleBinding | RestrictedRoleBinding>> {
  const wanted = defined({ project, role, subject: subject && toSubject(subject) })
  const filter = { organization, ...wanted }
  const all = desk.storage.roleBindings
  const subjectsOf = (binding: RoleBinding): Subject => binding.subject
  // Whoever is found by a role would be told by it.
  const store = role === undefined ? all : onlyCovered(desk, organization, all, subjectsOf)
  const { items, ...rest } = await pageOf('role bindings', store, page, filter)
  const isCovered = await coveredAmong(desk, organization, items.map(subjectsOf))
  const shown = items.map((binding) => (isCovered(binding.subject) ? binding : restrict(binding)))
  return { items: shown, ...rest }
}

function restrict({ id, subject }: RoleBinding): RestrictedRoleBinding {
  return { id, subject, restricted: true }
}

async function getBinding(
  { roleBindings }: Stores,
  { organization, id }: RoleBindingKey,
): Promise<RoleBinding> {
  const binding = await roleBindings.find(organization, id)
  if (binding === undefined) throw notFound('role binding')
  return binding
}

async function scopeOfBinding(
  { organization, id }: RoleBindingKey,
  { roleBindings }: Stores,
): Promise<Scope> {
  const binding = await roleBindings.find(organization, id)
  return inScope({ organization, project: binding?.project })
}

async function subjectOfBinding(
  { organization, id }: RoleBindingKey,
  { roleBindings }: Stores,
): Promise<Subject | undefined> {
  return (await roleBindings.find(organization, id))?.subject
}

/** A subject as bindings name it. */
function toSubject({ identity, user }: SubjectInput): Subject {
  return identity === undefined
    ? { kind: 'user', id: user ?? '' }
    : { kind: 'identity', id: identity }
}
