import { invalidRequest } from '../errors.ts'
import { parseRules } from '../model/permission/parse-rules.ts'
import { levelOf } from '../model/resources.ts'
import type { Rule } from '../model/rule.ts'
import type { Scope } from '../model/scope.ts'
import type { Parts } from './parts.ts'

/** Reads rules in the words of the vocabulary, or throws `invalid_request` with the field that is wrong. */
export function readRules(
  { vocabulary }: Pick<Parts, 'vocabulary'>,
  rules: unknown,
  scope: Scope,
): readonly Rule[] {
  const parsed = parseRules(vocabulary, rules, levelOf(scope))
  if (typeof parsed === 'string') throw invalidRequest(parsed)
  return parsed
}
