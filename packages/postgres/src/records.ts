import type {
  AuthMethod,
  AuthTemplate,
  BoundRole,
  Event,
  Identity,
  Organization,
  Project,
  Role,
  RoleBinding,
  StoredSigningKey,
} from '@countersign/core/plugin'

/** A value as JSON holds it: instants are texts. */
export type Json<Row> = Row extends Date
  ? string
  : Row extends string | number | boolean
    ? Row
    : { readonly [Name in keyof Row]: Json<Row[Name]> }

/** An identity as statements answer it. */
export interface IdentityAnswer {
  readonly record: Json<Identity>
  readonly lastLoginAt: number | null
}

/** A binding and the stored role that it names, as statements answer them. */
export type BoundAnswer = readonly [binding: Json<RoleBinding>, role: Json<Role> | null]

/** A signing key as statements answer it. */
export interface SigningKeyAnswer {
  readonly record: Json<StoredSigningKey>
  readonly sealed: string
  readonly supersededAt: number | null
  readonly retiresAt: number | null
}

/** Reads an organization. */
export const toOrganization = (record: Json<Organization>): Organization =>
  withInstants<Organization>(record, REVISED)

/** Reads a project. */
export const toProject = (record: Json<Project>): Project => withInstants<Project>(record, REVISED)

/** Reads an identity, and when it logged in last. */
export function toIdentity({ record, lastLoginAt }: IdentityAnswer): Identity {
  return { ...withInstants<Identity>(record, REVISED), ...instant('lastLoginAt', lastLoginAt) }
}

/** Reads an auth method. */
export const toAuthMethod = (record: Json<AuthMethod>): AuthMethod =>
  withInstants<AuthMethod>(record, REVISED)

/** Reads an auth template. */
export const toAuthTemplate = (record: Json<AuthTemplate>): AuthTemplate =>
  withInstants<AuthTemplate>(record, REVISED)

/** Reads a stored role. */
export const toRole = (record: Json<Role>): Role => withInstants<Role>(record, REVISED)

/** Reads a role binding. */
export const toRoleBinding = (record: Json<RoleBinding>): RoleBinding =>
  withInstants<RoleBinding>(record, ['createdAt', 'from', 'until'])

/** Reads bindings together with the roles they name. */
export function toBound(answers: readonly BoundAnswer[]): readonly BoundRole[] {
  return answers.map(([binding, role]) => ({
    binding: toRoleBinding(binding),
    ...(role !== null && { role: toRole(role) }),
  }))
}

/** Reads a signing key, and where it is on its way. */
export function toSigningKey(answer: SigningKeyAnswer): StoredSigningKey {
  return {
    ...withInstants<StoredSigningKey>(answer.record, ['createdAt', 'activeFrom']),
    sealed: answer.sealed,
    ...instant('supersededAt', answer.supersededAt),
    ...instant('retiresAt', answer.retiresAt),
  }
}

/** Reads an event. */
export const toEvent = (record: Json<Event>): Event => withInstants<Event>(record, ['at'])

/** Writes events as statements take them: the organization of each in front of it, on a line of its own. */
export const fromEvents = (events: readonly Event[]): readonly string[] =>
  events.map((event) => `${event.organization ?? ''}\n${JSON.stringify(event)}`)

/** One member that holds an instant, or no member. */
export function instant<Name extends string>(
  name: Name,
  milliseconds: number | null,
): { readonly [Key in Name]?: Date } {
  const member: { [Key in string]?: Date } = {}
  if (milliseconds !== null) member[name] = new Date(milliseconds)
  return member as { readonly [Key in Name]?: Date }
}

const REVISED = ['createdAt', 'updatedAt'] as const

/** What was written as JSON is read back as what it was: only its instants had become texts. */
export function withInstants<Row extends object>(
  record: Json<Row>,
  names: readonly (keyof Row & string)[],
): Row {
  const read: Record<string, unknown> = { ...(record as object) }
  for (const name of names) {
    const text = read[name]
    if (typeof text === 'string') read[name] = new Date(text)
  }
  return read as Row
}
