import type { SchemaOf } from '@countersign/core/plugin'
import { compileGlob, refuseGlob } from '@countersign/core/plugin'
import {
  chosen,
  isPlainObject,
  issue,
  listOf,
  objectOf,
  recordOf,
  schemaFrom,
  text,
} from '../schema.ts'
import type { ClaimPath } from './claim-path.ts'
import { claimAt, refuseClaimPath } from './claim-path.ts'

/** A value that a claim is compared with, by type and value: `'true'` is not `true`. */
export type ClaimValue = string | number | boolean

/**
 * What a claim must be: a value; one of some (`in`); like a glob; all or any of some rules. `not` demands that the claim
 * is there and is something else. `some` and `every` are about the elements of a list.
 */
export type ClaimRule =
  | ClaimValue
  | { readonly in: readonly ClaimValue[] }
  | { readonly glob: string }
  | { readonly not: ClaimRule }
  | { readonly all: readonly ClaimRule[] }
  | { readonly any: readonly ClaimRule[] }
  | { readonly some: ClaimRule }
  | { readonly every: ClaimRule }

/** What claims must be, by their names; all of it must hold. */
export type ClaimRules = Readonly<Record<ClaimPath, ClaimRule>>

/** Separators of globs over claims (rules of the house, 6): subjects and ARNs have both. */
export const CLAIM_SEPARATORS = ':/'

const MOST_RULES = 64
const MOST_VALUES = 256
const MOST_DEPTH = 4

/** True, false, or undefined where a rule and a claim cannot be compared: then neither the rule nor its `not` holds. */
type Verdict = boolean | undefined

/** Tells whether a claim satisfies a rule. What is absent, or of another kind, satisfies nothing. */
export function satisfies(claim: unknown, rule: ClaimRule): boolean {
  return judge(claim, rule) === true
}

/** The first claim that does not satisfy its rule, if there is one. */
export function unsatisfied(
  claims: Readonly<Record<string, unknown>>,
  rules: ClaimRules,
): readonly ClaimPath[] {
  return Object.entries(rules)
    .filter(([path, rule]) => !satisfies(claimAt(claims, path), rule))
    .map(([path]) => path)
}

/** Whether only a few exact values satisfy a rule: what a pattern admits is chosen by whoever names things. */
export function isExact(rule: ClaimRule): boolean {
  if (!isPlainObject(rule)) return true
  if ('in' in rule) return true
  if ('some' in rule) return isExact(rule.some)
  if ('every' in rule) return isExact(rule.every)
  if ('all' in rule) return rule.all.some(isExact)
  return 'any' in rule && rule.any.every(isExact)
}

/** Whether a rule leaves anybody out by what it demands: stars alone, or a `not`, let in whoever comes. */
export function constrains(rule: ClaimRule): boolean {
  if (!isPlainObject(rule)) return true
  if ('glob' in rule) return /[^*?]/.test(rule.glob)
  if ('not' in rule) return false
  if ('in' in rule) return true
  if ('all' in rule) return rule.all.some(constrains)
  if ('any' in rule) return rule.any.every(constrains)
  return constrains('some' in rule ? rule.some : rule.every)
}

/** A rule as people read it. */
export function describeRule(rule: ClaimRule): string {
  return JSON.stringify(rule)
}

/** The schema of one rule. */
export const claimRule: SchemaOf<ClaimRule> = ruleAt(0)

/** The schema of a subject: exact, one of some, or a glob. */
export const subjectRule: SchemaOf<ClaimRule> = chosen((input) => {
  if (typeof input === 'string') return subjectText
  if (isPlainObject(input) && ('in' in input || 'glob' in input)) return claimRule
  return 'must be a text, or an object of in or glob'
})

/** The schema of rules by the names of claims. */
export const claimRules: SchemaOf<ClaimRules> = recordOf(claimRule, MOST_RULES, refuseClaimPath)

/** Words of other matchers; here they would be letters, and admit nothing or the wrong thing. */
const subjectText: SchemaOf<string> = text(1024, (subject) =>
  subject.startsWith('!') || /[*?]/.test(subject)
    ? 'must be an exact subject; a pattern is written as { glob }, and there is no negation'
    : undefined,
)

function judge(claim: unknown, rule: ClaimRule): Verdict {
  if (!isPlainObject(rule)) return typeof claim === typeof rule ? claim === rule : undefined
  if ('in' in rule) return judgeAny(rule.in.map((value) => judge(claim, value)))
  if ('glob' in rule) return typeof claim === 'string' ? matchesGlob(claim, rule.glob) : undefined
  if ('not' in rule) return negate(judge(claim, rule.not))
  if ('all' in rule) return judgeAll(rule.all.map((part) => judge(claim, part)))
  if ('any' in rule) return judgeAny(rule.any.map((part) => judge(claim, part)))
  if (!Array.isArray(claim) || claim.length === 0) return undefined
  if ('some' in rule) return judgeAny(claim.map((element) => judge(element, rule.some)))
  return judgeAll(claim.map((element) => judge(element, rule.every)))
}

/** The empty text is a value, and matches no star. */
function matchesGlob(claim: string, glob: string): boolean {
  return compileGlob(glob, CLAIM_SEPARATORS).matches(claim)
}

const negate = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict)

function judgeAny(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(true)) return true
  return verdicts.every((verdict) => verdict === undefined) ? undefined : false
}

function judgeAll(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes(undefined)) return undefined
  return verdicts.every((verdict) => verdict === true)
}

const claimValue = schemaFrom<ClaimValue>((input) => {
  if (typeof input === 'boolean') return { value: input }
  if (typeof input === 'number')
    return Number.isSafeInteger(input) ? { value: input } : issue('must be a whole number')
  if (typeof input !== 'string') return issue('must be a text, a number, true or false')
  return input.length <= 1024 ? { value: input } : issue('must be at most 1024 characters long')
})

const glob = text(1024, (pattern) =>
  pattern.startsWith('!') ? 'must not begin with !; there is no negation' : refuseGlob(pattern),
)

function ruleAt(depth: number): SchemaOf<ClaimRule> {
  return chosen((input) => {
    if (!isPlainObject(input)) return claimValue
    if (depth === MOST_DEPTH) return 'must not be nested any deeper'
    const [kind = '', ...more] = Object.keys(input)
    if (more.length > 0 || !Object.hasOwn(FORMS, kind)) return `must have one member: ${KINDS}`
    return FORMS[kind as keyof typeof FORMS](depth + 1)
  })
}

const one = (member: string) => (depth: number) =>
  objectOf({ [member]: ruleAt(depth) }) as SchemaOf<ClaimRule>
const many = (member: string) => (depth: number) =>
  objectOf({ [member]: listOf(ruleAt(depth), 32) }) as SchemaOf<ClaimRule>

const FORMS = {
  in: () => objectOf({ in: listOf(claimValue, MOST_VALUES) }) as SchemaOf<ClaimRule>,
  glob: () => objectOf({ glob }) as SchemaOf<ClaimRule>,
  not: one('not'),
  all: many('all'),
  any: many('any'),
  some: one('some'),
  every: one('every'),
}
const KINDS = Object.keys(FORMS).join(', ')
