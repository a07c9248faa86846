import type {
  NewRoleBinding,
  RoleBindingChange,
  RoleBindingKey,
  RoleBindingList,
  RoleReplacement,
} from '../../input/role-binding.ts'
import {
  newRoleBinding,
  roleBindingChange,
  roleBindingKey,
  roleBindingList,
  roleReplacement,
} from '../../input/role-binding.ts'
import { defined } from '../../lib/defined.ts'
import type { RoleBinding, Subject } from '../../model/role-binding.ts'
import type { Scope } from '../../model/scope.ts'
import { inScope } from '../../model/scope.ts'
import type { Stores } from '../../ports/storage.ts'
import { bind } from './bind.ts'
import type { CommandsOf, Desk } from './command.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'
import { changeBinding, getBinding, replaceRoles, toSubject, unbind } from './rebind.ts'
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
  /** Changes rules of a subject's own in place, for good or for another window; a role is replaced instead. */
  update(change: RoleBindingChange): Promise<RoleBinding>
  /** Takes away every role that a subject holds in one scope, and binds these: all of it or nothing. */
  replace(replacement: RoleReplacement): Promise<readonly RoleBinding[]>
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
  update: {
    input: roleBindingChange,
    permission: 'binding:create',
    forIdentities: 'identity:assign',
    homeOf: scopeOfBinding,
    targetOf: subjectOfBinding,
    run: changeBinding,
  },
  replace: {
    input: roleReplacement,
    permission: 'binding:create',
    forIdentities: 'identity:assign',
    scopeOf: inScope,
    targetOf: ({ subject }) => toSubject(subject),
    run: replaceRoles,
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
