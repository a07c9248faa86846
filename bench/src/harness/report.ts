import type { Bound } from './contest.ts'
import type { JudgedGoal, Outcome } from './outcome.ts'

/** Prints a contest: a line for each contender, cheapest first. */
export function printOutcome({ title, unit, contenders }: Outcome): void {
  console.log(`\n${title}`)
  for (const { name, median, p10, p90 } of contenders.toSorted((a, b) => a.median - b.median)) {
    const figures = `${round(median).padStart(9)} ${unit}   ${round(p10)} – ${round(p90)}`
    console.log(`  ${name.padEnd(44)} ${figures}`)
  }
}

/** Prints the goals of a run as a Markdown table. */
export function printGoals(outcomes: readonly Outcome[]): void {
  console.log(
    '\n| goal | contest | what | beside | asked | measured (p10 – p90) | |\n|---|---|---|---|---|---|---|',
  )
  for (const { title, goals } of outcomes)
    for (const { id, subject, reference, bound, ratio, verdict } of goals) {
      const measured = `**${round(ratio.median)}×** (${round(ratio.p10)} – ${round(ratio.p90)})`
      const cells = [id, title, subject, reference, asked(bound), measured, VERDICTS[verdict]]
      console.log(`| ${cells.join(' | ')} |`)
    }
}

const VERDICTS: Readonly<Record<JudgedGoal['verdict'], string>> = {
  pass: 'PASS',
  missed: 'MISSED',
  alarm: 'MISSED, p10 too',
}

function asked(bound: Bound): string {
  return 'atMost' in bound ? `≤ ${bound.atMost}×` : `≥ ${bound.atLeast}× less`
}

/** Three significant digits, and no more than that. */
function round(figure: number): string {
  if (figure >= 1000) return String(Math.round(figure))
  return String(Number(figure.toPrecision(3)))
}
