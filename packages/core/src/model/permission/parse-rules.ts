import type { ResourceScope } from '../resources.ts'
import type { Rule } from '../rule.ts'
import { parseWhere } from './parse-where.ts'
import { isPlainRecord, textsOf } from './untrusted.ts'
import type { DeclaredResource, Vocabulary } from './vocabulary.ts'

/** The most rules of one role. */
export const MAX_RULES = 1000

/** The most permissions that one rule names. */
export const MAX_PERMISSIONS = 256

/**
 * Reads rules from the outside: a copy of them, or a sentence that names the field that is wrong.
 *
 * Every word must be in the vocabulary; with a scope, every permission must be one that can be asked for there. What is
 * refused is not repeated.
 */
export function parseRules(
  vocabulary: Vocabulary,
  input: unknown,
  scope: ResourceScope = 'organization',
): readonly Rule[] | string {
  if (!Array.isArray(input)) return 'rules must be a list'
  if (input.length > MAX_RULES) return `rules must be at most ${MAX_RULES}`
  const rules: Rule[] = []
  for (const [index, rule] of Array.from<unknown>(input).entries()) {
    const parsed = parseRule(vocabulary, rule, `rules[${index}]`, scope)
    if (typeof parsed === 'string') return parsed
    rules.push(parsed)
  }
  return rules
}

const MEMBERS: ReadonlySet<string> = new Set(['allow', 'deny', 'where'])

function parseRule(
  vocabulary: Vocabulary,
  rule: unknown,
  field: string,
  scope: ResourceScope,
): Rule | string {
  if (!isPlainRecord(rule)) return `${field} must be an object`
  if (!Object.keys(rule).every((member) => MEMBERS.has(member)))
    return `${field} must have no members but allow, deny and where`
  const effect = rule['deny'] === undefined ? 'allow' : 'deny'
  if (effect === 'deny' && rule['allow'] !== undefined)
    return `${field} must have either allow or deny`
  const words = textsOf(rule[effect])
  const problem = refuseWords(vocabulary, words, `${field}.${effect}`, scope)
  if (words === undefined || problem !== undefined) return problem ?? ''
  const where = parseWhere(resourcesOf(vocabulary, words), rule['where'], `${field}.where`)
  if (typeof where === 'string') return where
  // Every word is one of the vocabulary's by now.
  const permissions = words as NonNullable<Rule['allow']>
  const said = effect === 'allow' ? { allow: permissions } : { deny: permissions }
  return where === undefined ? said : { ...said, where }
}

function refuseWords(
  vocabulary: Vocabulary,
  words: readonly string[] | undefined,
  field: string,
  scope: ResourceScope,
): string | undefined {
  if (words === undefined || words.length === 0 || words.length > MAX_PERMISSIONS)
    return `${field} must be a list of 1 to ${MAX_PERMISSIONS} permissions`
  for (const [index, word] of words.entries()) {
    if (word === '*') continue
    const [name = '', action, ...more] = word.split(':')
    const resource = vocabulary.resources.get(name)
    const isKnown = more.length === 0 && (action === '*' || vocabulary.permissions.has(word))
    if (resource === undefined || !isKnown)
      return `${field}[${index}] must be a permission of the vocabulary`
    if (scope === 'project' && resource.scope === 'organization')
      return `${field}[${index}] is never asked for in a project`
  }
  return undefined
}

/** The resources that a rule names; none where it speaks about all of them. */
function resourcesOf(
  { resources }: Vocabulary,
  words: readonly string[],
): readonly DeclaredResource[] {
  if (words.includes('*')) return []
  const names = new Set(words.map((word) => word.slice(0, word.indexOf(':'))))
  return [...names].flatMap((name) => resources.get(name) ?? [])
}
