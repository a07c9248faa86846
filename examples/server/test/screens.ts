import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** One command of a page, and what the page says that it answers. */
export interface Screen {
  readonly command: string
  readonly answer: readonly string[]
}

/** Finds the commands of a page's consoles, in order. */
export function findScreens(page: string): readonly Screen[] {
  const screens: { command: string; answer: string[] }[] = []
  for (const [, block = ''] of page.matchAll(/^```console\n([\s\S]*?)^```$/gm))
    for (const line of block.replace(/\n$/, '').split('\n'))
      if (line.startsWith('$ ')) screens.push({ command: line.slice(2), answer: [] })
      else screens.at(-1)?.answer.push(line)
  return screens
}

const END = '--- end of a screen ---'

/** Executes commands in one shell, as a person would; answers what each of them wrote, to either stream. */
export async function playScreens(
  screens: readonly Screen[],
  { before, ...options }: { before: string; cwd: string; env: Record<string, string> },
): Promise<readonly string[][]> {
  const script = screens.flatMap(({ command }) => [command, `echo '${END}'`])
  const shell = spawn('bash', ['-c', [`exec 2>&1`, before, ...script].join('\n')], options)
  let output = ''
  for (const stream of [shell.stdout, shell.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  await once(shell, 'close')
  const parts = output.split(`${END}\n`).slice(0, screens.length)
  return parts.map((text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n')))
}

/** Tells whether lines are those of a page, where `…` stands for anything within a line, and blanks in a row for one. */
export function isLike(found: readonly string[], told: readonly string[]): boolean {
  if (found.length !== told.length) return false
  return told.every((line, place) => toPattern(line).test(found[place] ?? ''))
}

function toPattern(line: string): RegExp {
  const parts = line.trimEnd().split('…')
  const literal = parts.map((part) =>
    part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replace(/ {2,}/g, ' {2,}'),
  )
  return new RegExp(`^${literal.join('.*')}\\s*$`)
}
