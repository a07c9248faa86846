import type { GlobMatcher } from '../../lib/glob.ts'
import { compileGlob, refuseGlob } from '../../lib/glob.ts'
import { isReferencePath } from '../rule.ts'
import { isPlainRecord } from './untrusted.ts'

/** What is known of a condition: true, false, or (`undefined`) that nothing is known. */
export type Truth = boolean | undefined

/** The values that the principal brings along, by their path. */
export type References = ReadonlyMap<string, string>

/** One test of one value. */
export type Test =
  | {
      readonly kind: 'in' | 'not'
      readonly values: readonly string[]
      readonly refs: readonly string[]
    }
  | { readonly kind: 'glob'; readonly glob: GlobMatcher }
  /** An operator of another version: nobody here can tell what it says. */
  | { readonly kind: 'unknown'; readonly word: string }

/** Compiles what a rule says about one attribute into tests that must all hold. */
export function compileTests(match: unknown, separators: string): readonly Test[] {
  if (typeof match === 'string') return [oneOf([match])]
  if (!isPlainRecord(match)) return [UNREADABLE]
  const tests: Test[] = []
  for (const operator of Object.keys(match)) {
    const operand = match[operator]
    if (operand === undefined) continue
    const compile = Object.hasOwn(compilers, operator) ? compilers[operator] : undefined
    tests.push(compile?.(operand, separators) ?? { kind: 'unknown', word: operator })
  }
  return tests.length === 0 ? [UNREADABLE] : tests
}

/** Appraises a value; an absent one makes every test unknown. */
export function appraise(test: Test, value: string | undefined, references: References): Truth {
  if (value === undefined) return undefined
  switch (test.kind) {
    case 'in':
      return isOneOf(test, value, references)
    case 'not': {
      const found = isOneOf(test, value, references)
      return found === undefined ? undefined : !found
    }
    case 'glob':
      return test.glob.matches(value)
    case 'unknown':
      return undefined
  }
}

type ListTest = Extract<Test, { readonly kind: 'in' | 'not' }>

const UNREADABLE: Test = { kind: 'unknown', word: 'where' }

const oneOf = (values: readonly string[], refs: readonly string[] = []): ListTest => ({
  kind: 'in',
  values,
  refs,
})

const compilers: Readonly<
  Record<string, ((operand: unknown, separators: string) => Test | undefined) | undefined>
> = {
  in: (operand) => compileList('in', operand),
  not: (operand) => compileList('not', Array.isArray(operand) ? operand : [operand]),
  glob: (operand, separators) =>
    typeof operand === 'string' && refuseGlob(operand) === undefined
      ? { kind: 'glob', glob: compileGlob(operand, separators) }
      : undefined,
  ref: (operand) => (isReferencePath(operand) ? oneOf([], [operand]) : undefined),
}

function compileList(kind: 'in' | 'not', operands: unknown): ListTest | undefined {
  if (!Array.isArray(operands)) return undefined
  const values: string[] = []
  const refs: string[] = []
  for (const operand of operands as readonly unknown[]) {
    if (typeof operand === 'string') values.push(operand)
    else if (isPlainRecord(operand) && isReferencePath(operand['ref'])) refs.push(operand['ref'])
    else return undefined
  }
  return { kind, values, refs }
}

/** References are compared as they are: what a principal calls itself is never a pattern. */
function isOneOf({ values, refs }: ListTest, value: string, references: References): Truth {
  if (values.includes(value)) return true
  let truth: Truth = false
  for (const ref of refs) {
    const held = references.get(ref)
    if (held === value) return true
    if (held === undefined) truth = undefined
  }
  return truth
}
