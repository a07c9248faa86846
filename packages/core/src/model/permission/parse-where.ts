import { isCanonicalPath } from '../../lib/canonical-path.ts'
import { refuseGlob } from '../../lib/glob.ts'
import { toAutomaton } from '../../lib/glob-automaton.ts'
import { findText } from '../../lib/glob-search.ts'
import type { AttributeKind } from '../resources.ts'
import type { Match, Operand, Operators, Where } from '../rule.ts'
import { isReferencePath } from '../rule.ts'
import { isPlainRecord } from './untrusted.ts'
import type { DeclaredResource } from './vocabulary.ts'
import { SEPARATORS } from './vocabulary.ts'

/** The most values of one `in` or `not`. */
export const MAX_VALUES = 1000

/** The longest value, in UTF-16 code units. */
export const MAX_VALUE_LENGTH = 1024

/** Reads the conditions of a rule about some resources: a copy, nothing, or a sentence that names what is wrong. */
export function parseWhere(
  resources: readonly DeclaredResource[],
  input: unknown,
  field: string,
): Where | undefined | string {
  if (input === undefined) return undefined
  if (!isPlainRecord(input)) return `${field} must be an object`
  const where: Record<string, Match> = {}
  for (const [name, match] of Object.entries(input)) {
    if (match === undefined) continue
    const kind = kindOf(resources, name)
    if (kind === undefined)
      return `${field} must name attributes that every resource of the rule declares alike`
    const parsed = parseMatch(match, kind, `${field}.${name}`)
    if ('problem' in parsed) return parsed.problem
    where[name] = parsed.value
  }
  return Object.keys(where).length === 0 ? undefined : where
}

type Parsed<Value> = { readonly value: Value } | { readonly problem: string }

/** The kind of an attribute, where every resource declares it and all as the same kind. */
function kindOf(resources: readonly DeclaredResource[], name: string): AttributeKind | undefined {
  const kinds = resources.map(
    ({ attributes }) => attributes.find((attribute) => attribute.name === name)?.kind,
  )
  const [first] = kinds
  return kinds.every((kind) => kind === first) ? first : undefined
}

function parseMatch(match: unknown, kind: AttributeKind, field: string): Parsed<Match> {
  if (typeof match === 'string') return parseValue(match, kind, field)
  if (!isPlainRecord(match))
    return { problem: `${field} must be a text or an object with in, not, glob or ref` }
  let value: Operators = {}
  for (const [operator, operand] of Object.entries(match)) {
    if (operand === undefined) continue
    const parse = Object.hasOwn(operators, operator) ? operators[operator] : undefined
    if (!parse) return { problem: `${field} must have no members but in, not, glob and ref` }
    const parsed = parse(operand, kind, `${field}.${operator}`)
    if ('problem' in parsed) return parsed
    value = { ...value, ...parsed.value }
  }
  if (Object.keys(value).length === 0)
    return { problem: `${field} must have one of in, not, glob and ref` }
  return { value }
}

type ParseOperator = (operand: unknown, kind: AttributeKind, field: string) => Parsed<Operators>

const operators: Readonly<Record<string, ParseOperator | undefined>> = {
  in: (operand, kind, field) => {
    const parsed = parseOperands(operand, kind, field)
    return 'problem' in parsed ? parsed : { value: { in: parsed.value } }
  },
  not: (operand, kind, field) => {
    const parsed = Array.isArray(operand)
      ? parseOperands(operand, kind, field)
      : parseOperand(operand, kind, field)
    return 'problem' in parsed ? parsed : { value: { not: parsed.value } }
  },
  glob: (operand, kind, field) => {
    if (typeof operand !== 'string') return { problem: `${field} must be a text` }
    const problem = refuseGlob(operand)
    if (problem !== undefined) return { problem: `${field} ${problem}` }
    if (matchesNone(operand, kind)) return { problem: `${field} matches no canonical path` }
    return { value: { glob: operand } }
  },
  ref: (operand, _kind, field) =>
    isReferencePath(operand)
      ? { value: { ref: operand } }
      : { problem: `${field} ${NO_REFERENCE}` },
}

/** One letter in the place of each wildcard is a text that matches: most globs need no search for another one. */
function matchesNone(glob: string, kind: AttributeKind): boolean {
  if (kind === 'text' || isCanonicalPath(glob.replaceAll(WILDCARDS, 'x'))) return false
  return findText({ inside: [toAutomaton(glob, SEPARATORS[kind])], kind }) === 'none'
}

const WILDCARDS = /\*\*|[*?]/g

const NO_REFERENCE =
  'must be identity.id, identity.name, identity.slug, identity.metadata.…, identity.claims.… or user.id'

function parseOperands(
  operands: unknown,
  kind: AttributeKind,
  field: string,
): Parsed<readonly Operand[]> {
  if (!Array.isArray(operands) || operands.length === 0 || operands.length > MAX_VALUES)
    return { problem: `${field} must be a list of 1 to ${MAX_VALUES} values` }
  const value: Operand[] = []
  for (const [index, operand] of Array.from<unknown>(operands).entries()) {
    const parsed = parseOperand(operand, kind, `${field}[${index}]`)
    if ('problem' in parsed) return parsed
    value.push(parsed.value)
  }
  return { value }
}

function parseOperand(operand: unknown, kind: AttributeKind, field: string): Parsed<Operand> {
  if (typeof operand === 'string') return parseValue(operand, kind, field)
  if (!isPlainRecord(operand) || Object.keys(operand).join() !== 'ref')
    return { problem: `${field} must be a text or an object with ref` }
  const { ref } = operand
  return isReferencePath(ref) ? { value: { ref } } : { problem: `${field}.ref ${NO_REFERENCE}` }
}

function parseValue(value: string, kind: AttributeKind, field: string): Parsed<string> {
  if (value.length > MAX_VALUE_LENGTH)
    return { problem: `${field} must be at most ${MAX_VALUE_LENGTH} characters long` }
  if (kind === 'path' && !isCanonicalPath(value))
    return { problem: `${field} must be a canonical path` }
  return { value }
}
