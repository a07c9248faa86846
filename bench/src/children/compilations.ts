import { Session } from 'node:inspector/promises'
import { createHolders } from '../workload/holders.ts'
import {
  PERMISSIONS,
  PROJECT,
  plainRules,
  questionsAbout,
  toRule,
} from '../workload/permissions.ts'

/** Everything between a stored rule and its answer that is done once: by their names in the built package. */
const COMPILING = new Set([
  'compileRuleSet',
  'compileRule',
  'compileTests',
  'compileRules',
  'createRuleList',
  'createRuleIndex',
  'compileGlob',
])

const [from, count] = process.argv.slice(2)
const session = new Session()
session.connect()
const questions = questionsAbout(30)
const { authenticate } = await createHolders(
  plainRules(30).map((rule) => toRule(rule)),
  0,
)
if (from === 'warm') await request(10)
await session.post('Profiler.enable')
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
await request(Number(count))
const { result } = await session.post('Profiler.takePreciseCoverage')
const calls = result
  .flatMap(({ functions }) => functions)
  .filter(({ functionName }) => COMPILING.has(functionName))
  .map(({ ranges: [whole] }) => whole?.count ?? 0)
process.send?.(calls.reduce((sum, calls) => sum + calls, 0))
process.disconnect?.()

/** Requests with all questions in each; the authority is asked what the workload holds for every one. */
async function request(times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    const principal = await authenticate()
    for (const { action, environment, path } of questions)
      principal.can(PERMISSIONS[action], { project: PROJECT, environment, path })
  }
}
