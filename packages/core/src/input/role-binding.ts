import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import { isWellFormed } from '../lib/text.ts'
import { days } from '../lib/time.ts'
import type { Rule } from '../model/rule.ts'
import { anyId, HALF, instant, pageFields, TEN_YEARS } from './fields.ts'
import type { PageInput } from './page.ts'

/** From when until when something is bound; what is left out is open. */
export interface WindowInput {
  /** The first instant at which it applies. */
  readonly from?: Date | undefined
  /** The first instant at which it no longer applies. */
  readonly until?: Date | undefined
  /** How long it applies, instead of `until`: whole seconds, or `'90s'`, `'15m'`, `'1h'`, `'7d'`. */
  readonly for?: number | string | undefined
}

/** A role by its slug in code or by the id of a stored one, or rules in its place. */
export type BoundInput =
  | { readonly role: string; readonly rules?: undefined }
  | { readonly rules: readonly Rule[]; readonly role?: undefined }

/** Who is bound: an identity, or a user of the host. */
export type SubjectInput =
  | { readonly identity: string; readonly user?: undefined }
  | { readonly user: string; readonly identity?: undefined }

/** What binds a role, or rules, to a subject in an organization or one project of it. */
export type NewRoleBinding = BoundInput &
  WindowInput & {
    readonly organization: string
    readonly project?: string | undefined
    readonly subject: SubjectInput
  }

/** Names one binding. */
export interface RoleBindingKey {
  readonly organization: string
  readonly id: string
}

/** What changes about a binding of rules: the rules, its window, or both; what is left out stays. */
export interface RoleBindingChange extends RoleBindingKey, WindowInput {
  readonly rules?: readonly Rule[] | undefined
  /** Takes the window away first: what is not said anew is open. */
  readonly always?: true | undefined
}

/** All the roles that a subject shall hold in one scope; rules of its own stay as they are. */
export interface RoleReplacement {
  readonly organization: string
  readonly project?: string | undefined
  readonly subject: SubjectInput
  readonly roles: readonly (WindowInput & { readonly role: string })[]
  /** Demands that the subject holds no role there yet, or that it holds one. */
  readonly standing?: 'none' | 'some' | undefined
}

/** Which bindings to list; every given member must match. */
export interface RoleBindingList extends PageInput {
  readonly order?: 'id' | undefined
  readonly organization: string
  readonly project?: string | undefined
  readonly subject?: SubjectInput | undefined
  readonly role?: string | undefined
}

/** What adds an identity to a project: roles there, or `no-access` where none is named. */
export interface ProjectAddition extends WindowInput {
  readonly organization: string
  readonly project: string
  readonly identity: string
  readonly roles?: readonly string[] | undefined
}

/** Whom to remove from a project. */
export interface ProjectRemoval {
  readonly organization: string
  readonly project: string
  readonly identity: string
}

const SPANS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: days(1) }

/** A duration as people write it, in whole seconds. */
const span: z.ZodType<number> = z
  .unknown()
  .refine(isSpan, "must be whole seconds, or a text like '90s', '15m', '1h' or '7d'")
  .transform(toSeconds)
  .pipe(z.number().max(TEN_YEARS, 'must be at most ten years'))

function isSpan(value: unknown): value is number | string {
  if (typeof value === 'string') return /^[1-9]\d{0,8}[smhd]$/.test(value)
  return Number.isSafeInteger(value) && (value as number) > 0
}

function toSeconds(value: unknown): number {
  if (typeof value !== 'string') return Number(value)
  return Number(value.slice(0, -1)) * (SPANS[value.slice(-1)] ?? 1)
}

interface WindowFields {
  readonly from: z.ZodOptional<z.ZodDate>
  readonly until: z.ZodOptional<z.ZodDate>
  readonly for: z.ZodOptional<z.ZodType<number>>
}

interface BoundFields extends WindowFields {
  readonly role: z.ZodOptional<z.ZodType<string>>
  readonly rules: z.ZodOptional<z.ZodType<readonly Rule[]>>
}

const windowFields: WindowFields = {
  from: instant.optional(),
  until: instant.optional(),
  for: span.optional(),
}

/** A role by its slug, or by the id of a stored one. */
export const roleName: z.ZodType<string> = z
  .string('must be the slug of a role, or the id of a stored one')
  .min(1, 'must be the slug of a role, or the id of a stored one')
  .max(128, 'is too long')
  .refine(isWellFormed, HALF)

/** Rules; the vocabulary reads them. */
export const anyRules: z.ZodType<readonly Rule[]> = z.custom<readonly Rule[]>(
  Array.isArray,
  'must be a list',
)

const subject: z.ZodType<SubjectInput> = z.union(
  [z.strictObject({ identity: anyId }), z.strictObject({ user: anyId })],
  'must be { identity } or { user }',
)

/** What is bound, and from when until when. */
export const boundFields: BoundFields = {
  role: roleName.optional(),
  rules: anyRules.optional(),
  ...windowFields,
}

/** Refuses what says neither or both. */
export function namesOne({ role, rules }: { role?: unknown; rules?: unknown }): boolean {
  return (role === undefined) !== (rules === undefined)
}

/** How that is told. */
export const NAMES_ONE: { readonly error: string; path: string[] } = {
  error: 'must stand alone, or rules in its place',
  path: ['role'],
}

export const newRoleBinding: SchemaOf<NewRoleBinding> = z
  .strictObject({
    ...boundFields,
    organization: anyId,
    project: anyId.optional(),
    subject,
  })
  .refine(namesOne, NAMES_ONE) as unknown as SchemaOf<NewRoleBinding>

export const roleBindingKey: SchemaOf<RoleBindingKey> = z.strictObject({
  organization: anyId,
  id: anyId,
})

export const roleBindingChange: SchemaOf<RoleBindingChange> = z.strictObject({
  organization: anyId,
  id: anyId,
  rules: anyRules.optional(),
  always: z.literal(true, 'must be true').optional(),
  ...windowFields,
})

export const roleReplacement: SchemaOf<RoleReplacement> = z.strictObject({
  organization: anyId,
  project: anyId.optional(),
  subject,
  roles: z
    .array(z.strictObject({ role: roleName, ...windowFields }), 'must be a list of roles')
    .max(100, 'must be at most 100 roles'),
  standing: z.enum(['none', 'some'], 'must be none or some').optional(),
})

export const roleBindingList: SchemaOf<RoleBindingList> = z.strictObject({
  ...pageFields,
  // A binding has no name; in the order of their roles, those that are hidden would tell them.
  order: z.literal('id', 'must be id').optional(),
  organization: anyId,
  project: anyId.optional(),
  subject: subject.optional(),
  role: roleName.optional(),
})

const inProject = { organization: anyId, project: anyId, identity: anyId }

export const projectAddition: SchemaOf<ProjectAddition> = z.strictObject({
  ...inProject,
  ...windowFields,
  roles: z
    .array(roleName, 'must be a list of roles')
    .min(1, 'must name at least one role; leave it out for no-access')
    .max(100, 'must be at most 100 roles')
    .optional(),
})

export const projectRemoval: SchemaOf<ProjectRemoval> = z.strictObject(inProject)
