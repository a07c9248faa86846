import { isCanonicalPath } from '../../lib/canonical-path.ts'
import type { Scope } from '../scope.ts'
import type { CompiledPermissions, HeldRules } from './compile-rules.ts'
import { isOpen } from './compile-rules.ts'
import type { Values } from './rule-list.ts'
import { findHolding, findNotFailing } from './rule-list.ts'
import type { DeclaredPermission } from './vocabulary.ts'
import { isAskedIn } from './vocabulary.ts'

/** One question: may this be done there, to something with these attributes? */
export interface Request {
  readonly permission: string
  readonly scope: Scope
  readonly attributes?: Readonly<Record<string, unknown>>
}

/** Why something is not allowed. */
export type DenialReason =
  /** A deny applies. */
  | 'denied'
  /** No allow does. */
  | 'not_granted'
  | 'unknown_permission'
  /** A resource of projects was asked for without one, or one of the organization with a project. */
  | 'wrong_scope'
  | 'path_not_canonical'
  | 'attribute_not_text'

/** The answer to a question. */
export type Decision =
  | { readonly allowed: true; readonly reason: 'granted' }
  | { readonly allowed: false; readonly reason: DenialReason }

/**
 * Decides one question at one instant. Deny wins, whatever the order; without an allow the answer is no.
 *
 * Rules of another organization never reach a question. Attributes count only as the question's own members.
 */
export function decide(compiled: CompiledPermissions, request: Request, now: Date): Decision {
  const asked = compiled.vocabulary.permissions.get(request.permission)
  if (asked === undefined) return NO.unknown_permission
  const { organization, project } = request.scope
  if (!isAskedIn(asked.resource.scope, project)) return NO.wrong_scope
  const values = readValues(asked, request.attributes)
  if (typeof values === 'string') return NO[values]
  const question = { asked, organization, values, at: now.getTime() }
  const inProject = project === undefined ? undefined : compiled.byProject.get(project)
  if (isDenied(compiled, compiled.everywhere, question)) return NO.denied
  if (inProject && isDenied(compiled, inProject, question)) return NO.denied
  if (isGranted(compiled, compiled.everywhere, question)) return YES
  if (inProject && isGranted(compiled, inProject, question)) return YES
  return NO.not_granted
}

/** Reads what a question says of a resource's attributes: nothing inherited, no other type, one spelling of a path. */
export function readValues(
  { resource }: DeclaredPermission,
  attributes: Readonly<Record<string, unknown>> | undefined,
): Values | 'path_not_canonical' | 'attribute_not_text' {
  if (attributes === undefined || resource.attributes.length === 0) return NO_VALUES
  const values: (string | undefined)[] = []
  for (const { name, kind } of resource.attributes) {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined
    if (value !== undefined && typeof value !== 'string') return 'attribute_not_text'
    if (value !== undefined && kind === 'path' && !isCanonicalPath(value))
      return 'path_not_canonical'
    values.push(value)
  }
  return values
}

/** A question that has been read. */
interface Read {
  readonly asked: DeclaredPermission
  readonly organization: string
  readonly values: Values
  readonly at: number
}

const NO_VALUES: Values = []

const YES: Decision = Object.freeze({ allowed: true, reason: 'granted' })

const no = (reason: DenialReason): Decision => Object.freeze({ allowed: false, reason })

/** Answers are made once: deciding allocates none. */
const NO: Readonly<Record<DenialReason, Decision>> = {
  denied: no('denied'),
  not_granted: no('not_granted'),
  unknown_permission: no('unknown_permission'),
  wrong_scope: no('wrong_scope'),
  path_not_canonical: no('path_not_canonical'),
  attribute_not_text: no('attribute_not_text'),
}

const reaches = (held: HeldRules, { organization, at }: Read): boolean =>
  held.scope.organization === organization && isOpen(held, at)

function isDenied(
  { references }: CompiledPermissions,
  all: readonly HeldRules[],
  question: Read,
): boolean {
  for (const held of all)
    if (reaches(held, question)) {
      const { denies } = held.rules.about(question.asked)
      if (findNotFailing(denies, question.values, references)) return true
    }
  return false
}

function isGranted(
  { references }: CompiledPermissions,
  all: readonly HeldRules[],
  question: Read,
): boolean {
  for (const held of all)
    if (reaches(held, question)) {
      const { allows } = held.rules.about(question.asked)
      if (findHolding(allows, question.values, references)) return true
    }
  return false
}
