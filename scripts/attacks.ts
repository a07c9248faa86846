/** One case of the attack catalogue: the part of the plan that owes its test, and the test once it stands. */
export interface AttackCase {
  readonly part: number
  readonly area: string
  readonly title: string
  readonly test?: string
}

/** The catalogue: `packages/testing/attacks.json`. */
export interface Catalogue {
  readonly doneParts: readonly number[]
  readonly cases: Readonly<Record<string, AttackCase>>
}

/** Answers the text of a file of this repository, or undefined where there is none. */
export type ReadFile = (path: string) => string | undefined

const size = 305
const titleOf = (id: string): RegExp =>
  new RegExp(
    `(?:\\b(?:test|it|describe)\\b([^'"\`;]{0,200}?)|\\b(?:name|title):\\s*)(['"\`])(?:(?!\\2)[^\\n])*?\\b${id}\\b`,
    'g',
  )

/** Tells whether `text` holds a test, or a case of a suite, whose title carries the id; a skipped one is none. */
export function hasTest(text: string, id: string): boolean {
  return [...text.matchAll(titleOf(id))].some(([, head = '']) => !/skip|todo/.test(head))
}

function problemOf(id: string, { part, test }: AttackCase, context: Context): string | undefined {
  if (test === undefined) {
    return context.doneParts.includes(part)
      ? `${id}: part ${part} is done, and it has no test`
      : undefined
  }
  const text = context.readFile(test)
  if (text === undefined) return `${id}: there is no file ${test}`
  if (!hasTest(text, id)) return `${id}: no test in ${test} carries this id in its title`
  return undefined
}

interface Context {
  readonly doneParts: readonly number[]
  readonly readFile: ReadFile
}

/** Lists what is wrong with the catalogue; empty when every claim in it is true. */
export function problemsOf({ doneParts, cases }: Catalogue, readFile: ReadFile): string[] {
  const entries = Object.entries(cases)
  const missing =
    entries.length < size ? [`the catalogue has ${entries.length} of ${size} cases`] : []
  const problems = entries.map(([id, attack]) => problemOf(id, attack, { doneParts, readFile }))
  return [...missing, ...problems.filter((problem) => problem !== undefined)]
}

/** The ids that no test proves yet, by part. */
export function openIds({ cases }: Catalogue): Map<number, string[]> {
  const open = new Map<number, string[]>()
  for (const [id, { part, test }] of Object.entries(cases)) {
    if (test === undefined) open.set(part, [...(open.get(part) ?? []), id])
  }
  return new Map([...open].sort(([a], [b]) => a - b))
}
