import type { CompiledPermissions } from './compile-rules.ts'
import { allHeld } from './compile-rules.ts'
import type { CompiledRule } from './compiled-rule.ts'
import type { Test } from './condition.ts'

/**
 * Chooses what the references of a principal stand for that stand for nothing yet, so that a rule may allow a request:
 * what the request has where the rule wants that, and something else everywhere else.
 */
export function assumeReferences(
  { references, ...compiled }: CompiledPermissions,
  { conditions }: CompiledRule,
  attributes: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const rules = allHeld({ references, ...compiled }).flatMap(({ rules: set }) => set.rules)
  const open = rules.flatMap((rule) =>
    rule.conditions.flatMap(({ tests }) => tests.flatMap(refsOf)),
  )
  const other = nameOfSomethingElse(Object.values(attributes))
  const assumed: Record<string, string> = Object.create(null)
  for (const ref of open) if (!references.has(ref)) assumed[ref] = other
  for (const { attribute, tests } of conditions) {
    const value = attributes[attribute]
    if (value === undefined) continue
    for (const test of tests) {
      if (test.kind !== 'in' || test.values.includes(value)) continue
      const ref = test.refs.find((name) => !references.has(name))
      if (ref !== undefined) assumed[ref] = value
    }
  }
  return assumed
}

function refsOf(test: Test): readonly string[] {
  return test.kind === 'in' || test.kind === 'not' ? test.refs : []
}

function nameOfSomethingElse(values: readonly string[]): string {
  let name = 'something-else'
  while (values.includes(name)) name += '-'
  return name
}
