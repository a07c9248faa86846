// Fills a real Postgres with a large deployment and prints how it compares with an empty one: `pnpm scale`, or
// `pnpm scale --smoke` for a hundredth of it.

import { parseArgs } from 'node:util'
import { startPostgres } from '@countersign/testkit'
import type { Population } from './population.ts'
import { FULL, SMOKE } from './population.ts'
import { printReport } from './report.ts'
import { runScale } from './run.ts'

const { values } = parseArgs({
  options: {
    smoke: { type: 'boolean', default: false },
    identities: { type: 'string' },
    secrets: { type: 'string' },
    events: { type: 'string' },
  },
})
const usual: Population = values.smoke ? SMOKE : FULL
const size: Population = {
  identities: Number(values.identities ?? usual.identities),
  secrets: Number(values.secrets ?? usual.secrets),
  events: Number(values.events ?? usual.events),
}
const began = performance.now()
const server = await startPostgres(18)
try {
  const log = (line: string): void => console.error(line)
  printReport(size, await runScale(server.url, { size, workloads: 200, rounds: 5, log }))
  console.error(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`)
} finally {
  await server.stop()
}
