import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const cwd = fileURLToPath(new URL('..', import.meta.url))

/** What has to change in the app before to become the app after, as `diff` tells it, with one line around each change. */
export function differences(): string {
  const files = ['before', 'after'].flatMap((folder) => readdirSync(`${cwd}/${folder}`))
  return [...new Set(files)].sort().map(differenceOf).join('')
}

function differenceOf(file: string): string {
  const [before, after] = [`before/${file}`, `after/${file}`]
  const labels = ['--label', before, '--label', after]
  const options = ['--unified=1', '--new-file', ...labels, before, after]
  const { status, stdout, error } = spawnSync('diff', options, { cwd, encoding: 'utf8' })
  if (error !== undefined) throw error
  // 2 is trouble: a missing folder must not pass for no difference.
  if (status !== 0 && status !== 1) throw new Error(`diff of ${file} failed`)
  return stdout
}

/** The lines that somebody writes or takes away. */
export function changedLines(diff: string): readonly string[] {
  return diff.split('\n').filter((line) => /^[+-](?!\+\+ |-- )/.test(line))
}
