import type { Settings } from './settings.ts'

/** Rows of texts, as a person or a program reads them. */
export type Row = Readonly<Record<string, unknown>>

/** Prints rows: a table on a terminal, lines of tabs with `--plain`, JSON with `--json`. */
export function show({ terminal, options }: Settings, rows: readonly Row[], whole: unknown): void {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = rows.map((row) => names.map((name) => textOf(row[name])))
  if (options['json'] === true) terminal.print(JSON.stringify(whole, undefined, 2))
  else if (options['plain'] === true) for (const line of lines) terminal.print(line.join('\t'))
  else if (lines.length === 0) terminal.note('There is nothing to show')
  else for (const line of aligned([names, ...lines])) terminal.print(line)
}

function aligned(lines: readonly (readonly string[])[]): readonly string[] {
  const [heading = []] = lines
  const widths = heading.map((_, place) =>
    Math.max(...lines.map((line) => line[place]?.length ?? 0)),
  )
  const pad = (text: string, place: number): string => text.padEnd(widths[place] ?? 0)
  return lines.map((line) => line.map(pad).join('  ').trimEnd())
}

/** Control characters of somebody's name must not move the cursor of who reads it. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.replace(/\p{Cc}/gu, '\ufffd')
}
