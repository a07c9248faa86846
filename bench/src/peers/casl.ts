import type { MongoAbility, RawRuleOf } from '@casl/ability'
import { buildMongoQueryMatcher, createMongoAbility, subject } from '@casl/ability'
import picomatch from 'picomatch'
import type { PlainRule, Question } from '../workload/permissions.ts'

/** A rule as CASL stores it. */
export type CaslRule = RawRuleOf<MongoAbility>

/** Tells whether a text is matched by a glob. */
export type MatchGlob = (text: string, glob: string) => boolean

/** In CASL a later rule outweighs an earlier one, so denies stand last. */
export function toCaslRules(rules: readonly PlainRule[]): CaslRule[] {
  const denies = rules.filter(({ effect }) => effect === 'deny')
  return [...rules.filter(({ effect }) => effect === 'allow'), ...denies].map((rule) => ({
    action: rule.action,
    subject: 'secret',
    inverted: rule.effect === 'deny',
    conditions: { environment: { $in: rule.environments }, path: { $glob: rule.glob } },
  }))
}

/** Creates what builds CASL abilities whose conditions know `$glob`. */
export function createCasl(
  matchGlob: MatchGlob,
): (rules: CaslRule[]) => (question: Question) => boolean {
  const conditionsMatcher = buildMongoQueryMatcher(
    { $glob: { type: 'field' } },
    {
      glob: (node: GlobNode, object: object, context: GlobContext) =>
        matchGlob(context.get(object, node.field), node.value),
    },
  )
  return (rules) => {
    const ability = createMongoAbility(rules, { conditionsMatcher })
    return ({ action, environment, path }) =>
      ability.can(action, subject('secret', { environment, path }))
  }
}

/** Compiles each glob once. */
export function createMemoisedGlobs(): MatchGlob {
  const matchers = new Map<string, (text: string) => boolean>()
  return (text, glob) => {
    let matcher = matchers.get(glob)
    if (matcher === undefined) {
      matcher = picomatch(glob, OPTIONS)
      matchers.set(glob, matcher)
    }
    return matcher(text)
  }
}

/** Compiles the glob in every check, as the reference system does. */
export const compilingGlobs: MatchGlob = (text, glob) => picomatch.isMatch(text, glob, OPTIONS)

/** What begins with a dot is a name like any other. */
const OPTIONS = { dot: true }

interface GlobNode {
  readonly field: string
  readonly value: string
}

interface GlobContext {
  readonly get: (object: object, field: string) => string
}
