import type { Match, Operand, Operators, ReferencePath, Rule, Where } from '@countersign/core'
import * as z from 'zod'
import { invalid } from '../invalid.ts'

/** One entry of a permission list on this wire: a subject, what may be done with it, and where. */
export interface WirePermission {
  readonly subject: string
  readonly action: string | readonly string[]
  readonly inverted?: boolean | undefined
  readonly conditions?: Readonly<Record<string, WireMatch>> | undefined
}

interface WireOperators {
  readonly $eq?: string | undefined
  readonly $in?: readonly string[] | undefined
  readonly $ne?: string | undefined
  readonly $nin?: readonly string[] | undefined
  readonly $glob?: string | undefined
}

type WireMatch = string | WireOperators

const word = z
  .string('must be a string')
  .min(1, 'must not be empty')
  .max(64, 'must be at most 64 characters long')
const text = z.string('must be a string').max(1024, 'must be at most 1024 characters long')
const texts = z.array(text, 'must be a list').max(1000, 'must have at most 1000 entries')

const match = z.union(
  [
    text,
    z.strictObject({
      $eq: text.optional(),
      $in: texts.optional(),
      $ne: text.optional(),
      $nin: texts.optional(),
      $glob: text.optional(),
    }),
  ],
  'must be a text, or an object of $eq, $ne, $in, $nin and $glob',
)

/** What a role or a privilege allows and denies. */
export const wirePermissions: z.ZodType<readonly WirePermission[]> = z
  .array(
    z.strictObject({
      subject: word,
      action: z.union(
        [word, z.array(word).min(1).max(100)],
        'must be an action, or a list of actions',
      ),
      inverted: z.boolean('must be true or false').optional(),
      conditions: z.record(z.string(), match, 'must be an object').optional(),
    }),
    'must be a list of permissions',
  )
  .max(1000, 'must have at most 1000 entries')

/** Reads permissions as rules; the engine reads their words. */
export function fromPermissions(permissions: readonly WirePermission[]): readonly Rule[] {
  return permissions.map(({ subject, action, inverted, conditions }, index) => {
    const actions = typeof action === 'string' ? [action] : action
    const words = actions.map((name) => toWord(subject, name))
    const where = conditions && fromConditions(conditions, `permissions[${index}].conditions`)
    const rule = inverted ? { deny: words } : { allow: words }
    // The vocabulary is the engine's: it refuses words that it does not have.
    return { ...rule, ...(where && { where }) } as Rule
  })
}

function toWord(subject: string, action: string): string {
  return subject === '*' && action === '*' ? '*' : `${subject}:${action}`
}

function fromConditions(
  conditions: Readonly<Record<string, WireMatch>>,
  path: string,
): Where | undefined {
  const entries = Object.entries(conditions)
  if (entries.length === 0) return undefined
  return Object.fromEntries(
    entries.map(([name, wanted]) => [name, fromMatch(wanted, path)]),
  ) as Where
}

function fromMatch(wanted: WireMatch, path: string): Match {
  if (typeof wanted === 'string') return toOperand(wanted)
  const { $eq, $in, $ne, $nin, $glob } = wanted
  const equals = $eq === undefined ? undefined : toOperand($eq)
  if (typeof equals === 'string') {
    if (Object.keys(wanted).length > 1) throw invalid(`${path} must not hold more beside $eq`)
    return equals
  }
  const not = [...($ne === undefined ? [] : [$ne]), ...($nin ?? [])].map(toOperand)
  const operators: Operators = {
    ...equals,
    ...($in && { in: $in.map(toOperand) }),
    ...(not.length > 0 && { not }),
    ...($glob !== undefined && { glob: $glob }),
  }
  if (Object.keys(operators).length === 0) throw invalid(`${path} must say what a value must be`)
  return operators
}

/** A value of the principal is written in double braces, and as nothing but that. */
const TEMPLATE = /^\{\{ ?((?:identity|user)\.[^\s{}]{1,250}) ?\}\}$/

function toOperand(text: string): Operand {
  const ref = TEMPLATE.exec(text)?.[1]
  return ref === undefined ? text : { ref: ref as ReferencePath }
}

/** Writes rules as permissions: one for each subject of a rule. */
export function toPermissions(rules: readonly Rule[]): readonly object[] {
  return rules.flatMap((rule) => {
    const words = rule.allow ?? rule.deny ?? []
    const subjects = groupBySubject(words)
    return [...subjects].map(([subject, named]) => ({
      subject,
      action: named.map((word) => (word === '*' ? '*' : word.slice(subject.length + 1))),
      ...(rule.deny !== undefined && { inverted: true }),
      ...(rule.where !== undefined && { conditions: toConditions(rule.where) }),
    }))
  })
}

function groupBySubject(words: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>()
  for (const word of words) {
    const [subject = word] = word.split(':', 1)
    groups.set(subject, [...(groups.get(subject) ?? []), word])
  }
  return groups
}

function toConditions(where: Where): object {
  return Object.fromEntries(
    Object.entries(where).map(([name, wanted]) => [name, toWireMatch(wanted ?? '')]),
  )
}

function toWireMatch(wanted: Match): WireMatch {
  if (typeof wanted === 'string') return wanted
  const { in: among, not, glob, ref } = wanted
  const others = not === undefined ? [] : [not].flat()
  return {
    ...(ref !== undefined && { $eq: `{{${ref}}}` }),
    ...(among && { $in: among.map(toText) }),
    ...(others.length === 1 && { $ne: others.map(toText).join('') }),
    ...(others.length > 1 && { $nin: others.map(toText) }),
    ...(glob !== undefined && { $glob: glob }),
  }
}

function toText(operand: Operand): string {
  return typeof operand === 'string' ? operand : `{{${operand.ref}}}`
}
