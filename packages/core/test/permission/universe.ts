import fc from 'fast-check'
import type { CompiledPermissions } from '../../src/model/permission/compile-rules.ts'
import { compileRules } from '../../src/model/permission/compile-rules.ts'
import type { Request } from '../../src/model/permission/decide.ts'
import { compileRuleSet } from '../../src/model/permission/rule-set.ts'
import { compileVocabulary } from '../../src/model/permission/vocabulary.ts'
import type { ReferencePath, Rule, Where } from '../../src/model/rule.ts'
import type { Scope } from '../../src/model/scope.ts'
import type { Asked, Bound, Holder } from './naive.ts'
import { resources } from './naive.ts'

export const vocabulary = compileVocabulary(resources)

export const organizations = ['acme', 'other'] as const
export const scopes: readonly Scope[] = [
  { organization: 'acme' },
  { organization: 'acme', project: 'one' },
  { organization: 'acme', project: 'two' },
  { organization: 'acme', project: 'three' },
  { organization: 'other' },
  { organization: 'other', project: 'one' },
]
export const environments = ['prod', 'dev', 'x', '*', undefined] as const
export const paths = ['/', '/a', '/a/b', '/ab', '/b', '/b/a/b', undefined] as const
export const instants = [0, 10, 20, 30] as const
export const permissions = [
  'secret:read',
  'secret:write',
  'invoice:read',
  'invoice:approve',
  'identity:read',
] as const

const refs: readonly ReferencePath[] = ['identity.metadata.team', 'identity.claims.ref']
const literal = fc.constantFrom('prod', 'dev', '*')
const pathLiteral = fc.constantFrom('/', '/a', '/a/b', '/b')
const glob = fc.constantFrom(
  '/**',
  '/a/**',
  '/a/*',
  '/*',
  '/a*',
  '/?',
  '/*/b',
  '**b',
  '/b/**',
  '/a**',
)
const textGlob = fc.constantFrom('*', 'p*', '?rod', '**d**')

const operand = (of: fc.Arbitrary<string>) =>
  fc.oneof({ arbitrary: of, weight: 4 }, fc.record({ ref: fc.constantFrom(...refs) }))

const matchOf = (of: fc.Arbitrary<string>, globs: fc.Arbitrary<string>) =>
  fc.oneof(
    { arbitrary: of, weight: 4 },
    { arbitrary: fc.record({ glob: globs }), weight: 3 },
    {
      arbitrary: fc.record({ in: fc.array(operand(of), { minLength: 1, maxLength: 3 }) }),
      weight: 2,
    },
    { arbitrary: fc.record({ not: operand(of) }), weight: 2 },
    fc.record({ not: fc.array(operand(of), { minLength: 1, maxLength: 2 }), glob: globs }),
    fc.record({ ref: fc.constantFrom(...refs) }),
  )

const where: fc.Arbitrary<Where> = fc.record(
  { environment: matchOf(literal, textGlob), path: matchOf(pathLiteral, glob) },
  { requiredKeys: [] },
)

/** Rules as a caller could save them: conditions only where the resource has attributes. */
const ruleOf = (words: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Rule> =>
  fc
    .tuple(fc.constantFrom('allow', 'allow', 'deny'), words, fc.option(where))
    .map(([effect, said, conditions]) => {
      const isOfSecrets = said.every((word) => word.startsWith('secret'))
      const parts = conditions && isOfSecrets ? { where: conditions } : {}
      return { [effect]: said, ...parts } as unknown as Rule
    })

const exactWords = fc.subarray([...permissions], { minLength: 1, maxLength: 2 })
const secretWords = fc.constantFrom<readonly string[]>(
  ['secret:read'],
  ['secret:read', 'secret:write'],
  ['secret:write'],
)
const wildcards = fc.constantFrom<readonly string[]>(['*'], ['secret:*'], ['invoice:*'])

/** Mostly about secrets, where conditions are; with wildcards or without. */
export const rules = (withWildcards: boolean): fc.Arbitrary<Rule> =>
  withWildcards
    ? ruleOf(fc.oneof(secretWords, exactWords, wildcards))
    : ruleOf(fc.oneof(secretWords, secretWords, secretWords, exactWords))

const instant = fc.option(fc.constantFrom(...instants), { nil: undefined })

const bound = (withWildcards: boolean): fc.Arbitrary<Bound> =>
  fc
    .record({
      scope: fc.oneof(
        { arbitrary: fc.constant<Scope>({ organization: 'acme' }), weight: 6 },
        { arbitrary: fc.constantFrom(...scopes), weight: 2 },
      ),
      from: fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, instant),
      until: fc.oneof({ arbitrary: fc.constant(undefined), weight: 5 }, instant),
      rules: fc.array(rules(withWildcards), { minLength: 1, maxLength: 4 }),
    })
    .map(({ from, until, ...rest }) => ({
      ...rest,
      ...(from !== undefined && { from }),
      ...(until !== undefined && { until }),
    }))

const references = fc
  .record(
    {
      'identity.metadata.team': fc.constantFrom('prod', '*', '/a'),
      'identity.claims.ref': fc.constantFrom('dev', '/a/b', '/**'),
    },
    { requiredKeys: [] },
  )
  .map((record) => ({ ...record }))

export const holders = (withWildcards = true): fc.Arbitrary<Holder> =>
  fc.record({
    bound: fc.array(bound(withWildcards), { minLength: 1, maxLength: 3 }),
    references,
  })

export const questions: fc.Arbitrary<Asked> = fc.record({
  permission: fc.constantFrom('secret:read', 'secret:read', 'secret:write', ...permissions),
  scope: fc.constantFrom(...scopes),
  attributes: fc.record({
    environment: fc.constantFrom(...environments),
    path: fc.constantFrom(...paths),
  }),
  at: fc.constantFrom(...instants),
})

/** Every question of the small world, from an instant on. */
export function allQuestions(from: number): readonly Asked[] {
  const rows = environments.flatMap((environment) => paths.map((path) => ({ environment, path })))
  return permissions.flatMap((permission) =>
    scopes.flatMap((scope) =>
      instants
        .filter((at) => at >= from)
        .flatMap((at) =>
          (permission.startsWith('secret') ? rows : [{}]).map((attributes) => ({
            permission,
            scope,
            attributes,
            at,
          })),
        ),
    ),
  )
}

export function compiled({ bound: all, references: known }: Holder): CompiledPermissions {
  return compileRules(
    vocabulary,
    all.map(({ scope, from, until, rules: said }, index) => ({
      binding: `bnd_${index}`,
      role: `role-${index}`,
      scope,
      ...(from !== undefined && { from: new Date(from) }),
      ...(until !== undefined && { until: new Date(until) }),
      rules: compileRuleSet(vocabulary, said),
    })),
    new Map(Object.entries(known)),
  )
}

export const toRequest = ({ permission, scope, attributes }: Asked): Request => ({
  permission,
  scope,
  attributes,
})
