import { existsSync, readFileSync } from 'node:fs'
import { coverageProblems, featuresOf } from './coverage.ts'

const path = 'docs/coverage.md'
const readFile = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined

const problems = coverageProblems(path, readFile)
const features = featuresOf(readFile(path) ?? '')
const open = features.filter(({ isOpen }) => isOpen).length
for (const problem of problems) console.error(problem)
console.log(`coverage: ${features.length} features, ${open} not yet, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
