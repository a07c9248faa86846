import type { Population } from './population.ts'
import type { NamedPlan, ScaleReport } from './run.ts'

/** Prints what a run found, as Markdown. */
export function printReport(size: Population, report: ScaleReport): void {
  const { bytes, latencies, plans, growing, sweep, logins, maintenance } = report
  const counts = Object.entries(size).map(
    ([kind, count]) => `${count.toLocaleString('en')} ${kind}`,
  )
  console.log(`\n${counts.join(', ')}: ${(bytes / 2 ** 30).toFixed(1)} GiB.\n`)
  printTable(
    ['operation', 'empty, p50', 'full, p50', '', 'empty, p95', 'full, p95'],
    latencies.map(({ operation, empty, full }) => [
      operation,
      ms(empty.p50),
      ms(full.p50),
      `**${(full.p50 / empty.p50).toFixed(2)}×**`,
      ms(empty.p95),
      ms(full.p95),
    ]),
  )
  printPlans(plans)
  printPlans(growing)
  const swept = Math.round(sweep.rows / sweep.seconds)
  printTable(
    ['sweep', 'of', 'slowest batch', 'logins, all at once', 'a pass of maintenance'],
    [
      [
        `${swept.toLocaleString('en')} rows/s`,
        `${sweep.rows.toLocaleString('en')} rows`,
        ms(sweep.slowest),
        `${Math.round(logins).toLocaleString('en')}/s`,
        ms(maintenance),
      ],
    ],
  )
}

function printPlans(plans: readonly NamedPlan[]): void {
  printTable(
    ['statement', 'pages', 'time', 'tables read from end to end'],
    plans.map(({ name, pages, milliseconds, scanned }) => [
      name,
      String(pages),
      ms(milliseconds),
      scanned.length === 0 ? 'none' : scanned.join(', '),
    ]),
  )
}

function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [head, head.map(() => '---'), ...rows]
  console.log(`${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`)
}

const ms = (milliseconds: number): string => `${milliseconds.toFixed(2)} ms`
