import { compareRoles } from '../../model/permission/compare-roles.ts'
import { compileHolding } from '../../model/permission/compile-bound.ts'
import type { CompiledPermissions } from '../../model/permission/compile-rules.ts'
import type { Exceeding } from '../../model/permission/exceeds.ts'
import { exceeds } from '../../model/permission/exceeds.ts'
import type { Project } from '../../model/project.ts'
import type { BoundRole, Holding, Role } from '../../model/role.ts'
import type { Subject } from '../../model/role-binding.ts'
import type { RoleBindingFilter } from '../../ports/filters.ts'
import { pagesOf } from '../pages.ts'
import { enabled } from './boundary.ts'
import type { Desk } from './command.ts'

/** What a change of a role means to one of its holders, with one request as a witness of each. */
export interface RoleEffect {
  readonly subject: Subject
  /** What it could do then and cannot do now. */
  readonly gains?: Exceeding
  /** What it can do now and could not do then. */
  readonly loses?: Exceeding
}

/** Holders asked about in one question. */
const BATCH = 100

/**
 * Throws unless the actor holds all that each holder of a role holds, and would hold after the change; `revised` is
 * absent where the role goes.
 */
export async function assertHolders(
  desk: Desk,
  standing: Role,
  revised: Role | undefined,
): Promise<void> {
  if (!desk.boundary.isBounded) return
  for await (const holding of holdersOf(desk, standing)) {
    desk.boundary.assertCovers(withRole(holding, standing, standing))
    desk.boundary.assertGrants(withRole(holding, standing, revised), 'hidden')
  }
}

/** Compares what each holder of a role may do before and after a change; whoever it means nothing to is left out. */
export async function effectOn(
  desk: Desk,
  standing: Role,
  revised: Role,
): Promise<readonly RoleEffect[]> {
  const now = desk.clock.now()
  const effects: RoleEffect[] = []
  for await (const holding of holdersOf(desk, standing)) {
    const after = withRole(holding, standing, revised)
    desk.boundary.assertCovers(holding)
    desk.boundary.assertGrants(after, 'hidden')
    const compared = compareRoles(compile(desk, holding), compile(desk, after), now)
    if (compared.gains !== undefined || compared.loses !== undefined)
      effects.push({ subject: holding.subject, ...compared })
  }
  return effects
}

/** Throws where somebody may do more without what is bound in a project, and more than the actor. */
export async function assertNoneFreed(desk: Desk, { organization, id }: Project): Promise<void> {
  if (!desk.boundary.isBounded) return
  const now = desk.clock.now()
  for await (const held of boundBy(desk, { organization, project: id })) {
    const holding = enabled(held)
    const left = { ...holding, bound: holding.bound.filter((one) => one.binding.project !== id) }
    const gains = exceeds(compile(desk, holding), compile(desk, left), now)
    if (gains !== undefined) desk.boundary.assertGrants(left, 'hidden')
  }
}

function holdersOf(desk: Desk, { organization, id }: Role): AsyncIterable<Holding> {
  return boundBy(desk, { organization, role: id })
}

/** What all those hold to whom one of some bindings belongs. */
async function* boundBy(
  { storage }: Desk,
  filter: RoleBindingFilter & { readonly organization: string },
): AsyncIterable<Holding> {
  const subjects = new Map<string, Subject>()
  for await (const { subject } of pagesOf(storage.roleBindings, filter))
    subjects.set(`${subject.kind} ${subject.id}`, subject)
  const all = [...subjects.values()]
  for (let from = 0; from < all.length; from += BATCH)
    yield* await storage.roleBindings.heldBy(filter.organization, all.slice(from, from + BATCH))
}

function withRole(holding: Holding, { id }: Role, role: Role | undefined): Holding {
  const bound = holding.bound.flatMap((held): readonly BoundRole[] => {
    if (held.binding.role !== id) return [held]
    return role === undefined ? [] : [{ binding: held.binding, role }]
  })
  return { ...holding, bound }
}

function compile({ vocabulary, compileFresh }: Desk, holding: Holding): CompiledPermissions {
  return compileHolding(vocabulary, compileFresh, holding)
}
