import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Effort } from './harness/contest.ts'
import type { Outcome } from './harness/outcome.ts'
import { printGoals, printOutcome } from './harness/report.ts'

const GROUPS = [
  'hot',
  'opaque',
  'first-sight',
  'isolation',
  'secret',
  'login',
  'can',
  'permissions',
  'addresses',
  'reject',
  'heap',
  'import',
  'redis',
  'api-keys',
  'postgres-login',
  'postgres-tokens',
  'postgres-adapter',
  'middleware',
  'nodes',
  'federated-login',
  'cloud-logins',
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    milliseconds: { type: 'string', default: '60' },
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
})
const effort: Effort = values.quick
  ? { rounds: 1, milliseconds: 1, quick: true }
  : { rounds: Number(values.rounds), milliseconds: Number(values.milliseconds), quick: false }

/** Runs a group in a process of its own, so that no contender meets what another group left behind. */
async function runGroup(group: string): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const runner = fileURLToPath(new URL('runner.js', import.meta.url))
  const child = fork(runner, [group, JSON.stringify(effort)], { execArgv: ['--expose-gc'] })
  child.on('message', (outcome: Outcome) => {
    outcomes.push(outcome)
    printOutcome(outcome)
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`The group ${group} ended with ${code}`)
  return outcomes
}

const outcomes: Outcome[] = []
for (const group of positionals.length > 0 ? positionals : GROUPS)
  outcomes.push(...(await runGroup(group)))
if (effort.quick) console.log('\nEverything runs. So few samples say nothing about time.')
else printGoals(outcomes)
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ node: process.version, effort, outcomes }, undefined, 2)}\n`,
  )
