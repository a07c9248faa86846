import type { BoundRole, Holding, Identity, RoleBinding, Subject } from '../plugin.ts'
import { identityIn } from './identities.ts'
import { keyOf } from './key.ts'
import { compareText } from './order.ts'
import { groups } from './shapes.ts'
import type { Tables } from './tables.ts'

/** What a subject holds in an organization, each binding with the stored role that it names. */
export function holdingOf(tables: Tables, organization: string, subject: Subject): Holding {
  const bound = boundOf(tables, organization, subject)
  const identity =
    subject.kind === 'identity' ? identityIn(tables, organization, subject.id) : undefined
  return { subject, bound, ...(identity !== undefined && { identity }) }
}

/** The bindings of a subject by id, each with the stored role that it names. */
export function boundOf(
  tables: Tables,
  organization: string,
  subject: Subject,
): readonly BoundRole[] {
  const bindings = [...tables.roleBindings.in(groups.subject(organization, subject))]
  return bindings
    .sort((one, other) => compareText(one.id, other.id))
    .map((binding) => withRole(tables, binding))
}

/** An identity as a subject of bindings. */
export function subjectOf({ id }: Pick<Identity, 'id'>): Subject {
  return { kind: 'identity', id }
}

function withRole({ roles }: Tables, binding: RoleBinding): BoundRole {
  const { organization, role: named } = binding
  const role = named === undefined ? undefined : roles.get(keyOf(organization, named))
  return { binding, ...(role !== undefined && { role }) }
}
