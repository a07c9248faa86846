import { conflict, invalidRequest, notFound } from '../../errors.ts'
import type {
  RoleBindingChange,
  RoleBindingKey,
  RoleReplacement,
  SubjectInput,
} from '../../input/role-binding.ts'
import { defined } from '../../lib/defined.ts'
import { levelOf } from '../../model/resources.ts'
import type { RoleBinding, Subject } from '../../model/role-binding.ts'
import { inScope } from '../../model/scope.ts'
import type { Stores } from '../../ports/storage.ts'
import { pagesOf } from '../pages.ts'
import { bind, bindingEvent } from './bind.ts'
import type { Desk } from './command.ts'
import { keepingAnAdmin } from './last-admin.ts'

/** Takes bindings of one subject away, if what is left of its permissions does not exceed the actor's. */
export async function unbind(desk: Desk, bindings: readonly RoleBinding[]): Promise<void> {
  const [first] = bindings
  if (first === undefined) return
  const { organization, subject } = first
  await keepingAnAdmin(desk, organization, async () => {
    for (const binding of bindings) await removeBinding(desk, binding)
  })
  await assertNothingFreed(desk, organization, subject)
}

/** Changes a binding of rules: the old one goes and the new one keeps its id, in one transaction. */
export async function changeBinding(
  desk: Desk,
  { always, rules, from, until, for: span, ...key }: RoleBindingChange,
): Promise<RoleBinding> {
  const standing = await getBinding(desk.storage, key)
  if (standing.rules === undefined)
    throw invalidRequest('id must be one of a binding of rules; replace changes roles')
  const { organization, project, subject, id } = standing
  const isMoved = always === true || (from ?? until ?? span) !== undefined
  const window = isMoved
    ? { from, until, for: span }
    : { from: standing.from, until: standing.until }
  await removeBinding(desk, standing)
  const changed = await bind(desk, {
    ...defined(window),
    subject,
    scope: inScope({ organization, project }),
    rules: rules ?? standing.rules,
    id,
  })
  await assertNothingFreed(desk, organization, subject)
  return changed
}

/** Replaces every role that a subject holds in one scope, and leaves its own rules alone. */
export async function replaceRoles(
  desk: Desk,
  { organization, project, subject: named, roles, standing: wanted }: RoleReplacement,
): Promise<readonly RoleBinding[]> {
  const subject = toSubject(named)
  const scope = inScope({ organization, project })
  const standing = await rolesOf(desk, { subject, scope })
  if (wanted === 'none' && standing.length > 0) throw conflict('It holds roles there already')
  if (wanted === 'some' && standing.length === 0) throw notFound('membership')
  if (standing.length > 0 && desk.boundary.isBounded)
    desk.boundary.permit(mayTakeAway(subject), scope, scope)
  const bindings: RoleBinding[] = []
  await keepingAnAdmin(desk, organization, async () => {
    for (const binding of standing) await removeBinding(desk, binding)
    for (const { role, ...window } of roles)
      bindings.push(await bind(desk, { ...window, subject, scope, role }))
  })
  await assertNothingFreed(desk, organization, subject)
  return bindings
}

function mayTakeAway({ kind }: Subject) {
  return kind === 'identity'
    ? (['binding:delete', 'identity:assign'] as const)
    : (['binding:delete'] as const)
}

async function rolesOf(
  { storage }: Desk,
  { subject, scope }: { readonly subject: Subject; readonly scope: RoleScope },
): Promise<readonly RoleBinding[]> {
  const found: RoleBinding[] = []
  const filter = { ...scope, level: levelOf(scope), subject }
  for await (const binding of pagesOf(storage.roleBindings, filter))
    if (binding.role !== undefined) found.push(binding)
  return found
}

type RoleScope = ReturnType<typeof inScope>

async function removeBinding(desk: Desk, binding: RoleBinding): Promise<void> {
  const event = bindingEvent(desk, 'role_binding.deleted', binding)
  await desk.storage.roleBindings.remove([binding.organization, binding.id], [event])
}

/** Without a deny that it held, somebody may do more than before. */
async function assertNothingFreed(
  desk: Desk,
  organization: string,
  subject: Subject,
): Promise<void> {
  const [left] = await desk.storage.roleBindings.heldBy(organization, [subject])
  if (left !== undefined) desk.boundary.assertGrants(left, 'hidden')
}

/** Answers a binding, or throws `not_found`. */
export async function getBinding(
  { roleBindings }: Stores,
  { organization, id }: RoleBindingKey,
): Promise<RoleBinding> {
  const binding = await roleBindings.find(organization, id)
  if (binding === undefined) throw notFound('role binding')
  return binding
}

/** A subject as bindings name it. */
export function toSubject({ identity, user }: SubjectInput): Subject {
  return identity === undefined
    ? { kind: 'user', id: user ?? '' }
    : { kind: 'identity', id: identity }
}
