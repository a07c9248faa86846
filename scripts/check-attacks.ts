import { existsSync, readFileSync } from 'node:fs'
import type { Catalogue } from './attacks.ts'
import { openIds, problemsOf } from './attacks.ts'

const path = 'packages/testing/attacks.json'
const catalogue = JSON.parse(readFileSync(path, 'utf8')) as Catalogue
const readFile = (file: string): string | undefined =>
  existsSync(file) ? readFileSync(file, 'utf8') : undefined

const problems = problemsOf(catalogue, readFile)
const open = openIds(catalogue)
const total = Object.keys(catalogue.cases).length
const openTotal = [...open.values()].flat().length

for (const [part, ids] of open)
  console.log(`open in part ${part} (${ids.length}): ${ids.join(' ')}`)
for (const problem of problems) console.error(problem)
console.log(`attacks: ${total - openTotal} of ${total} proved, ${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1
