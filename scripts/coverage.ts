import { dirname, join, normalize } from 'node:path'
import type { ReadFile } from './attacks.ts'
import { hasTest } from './attacks.ts'

/** One line of `docs/coverage.md`: a feature, where it is told, and the tests that prove it. */
export interface Feature {
  readonly name: string
  readonly pages: readonly string[]
  readonly tests: readonly { readonly file: string; readonly title: string }[]
  /** Whether the line says that nothing of it is there. */
  readonly isOpen: boolean
}

/** Finds the lines of the tables; the heading of a table is none. */
export function featuresOf(page: string): readonly Feature[] {
  const lines = page.split('\n').filter((line) => line.startsWith('| '))
  const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()))
  return cells
    .filter(([, name = '']) => name !== 'the seeds say' && !/^-+$/.test(name))
    .map(([, name = '', told = '', proof = '']) => ({
      name,
      pages: [...told.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target),
      tests: [...proof.matchAll(/`([^`]+)`: ([^;]+)/g)].map(([, file = '', title = '']) => ({
        file,
        title: title.trim(),
      })),
      isOpen: proof === 'not yet',
    }))
}

/** Lists which pages and tests that a page of coverage names are gone, and which lines say neither proof nor "not yet". */
export function coverageProblems(path: string, readFile: ReadFile): readonly string[] {
  const features = featuresOf(readFile(path) ?? '')
  if (features.length === 0) return [`${path} names no feature`]
  return features.flatMap((feature) => problemsOf(feature, dirname(path), readFile))
}

function problemsOf(
  { name, pages, tests, isOpen }: Feature,
  folder: string,
  readFile: ReadFile,
): readonly string[] {
  const unproved = !isOpen && tests.length === 0 ? ['names no test, nor says "not yet"'] : []
  const untold = !isOpen && pages.length === 0 ? ['names no page'] : []
  const problems = [
    ...unproved,
    ...untold,
    ...pages.map((target) => problemOfPage(target, folder, readFile)),
    ...tests.map(({ file, title }) => problemOfTest(file, title, readFile)),
  ]
  return problems.filter((problem) => problem !== undefined).map((problem) => `${name}: ${problem}`)
}

function problemOfPage(target: string, folder: string, readFile: ReadFile): string | undefined {
  const [path = '', anchor] = target.split('#')
  const text = readFile(normalize(join(folder, path)))
  if (text === undefined) return `there is no page ${path}`
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => anchorOf(heading))
  return anchor === undefined || anchors.includes(anchor)
    ? undefined
    : `${path} has no heading ${anchor}`
}

function problemOfTest(file: string, title: string, readFile: ReadFile): string | undefined {
  const text = readFile(file)
  if (text === undefined) return `there is no file ${file}`
  const literal = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return hasTest(text, literal) ? undefined : `no test in ${file} is called "${title}"`
}

/** The anchor that GitHub makes of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s-]/gu, '')
    .replaceAll(' ', '-')
