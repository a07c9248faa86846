import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** How a process ended, and all that it wrote. */
export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const folder = fileURLToPath(new URL('../children/', import.meta.url))

/** Runs a program of `test/children` in a process of its own, with these flags of Node's. */
export function runChild(
  program: string,
  flags: readonly string[] = [],
  values: readonly string[] = [],
): Promise<Ended> {
  const source = ['--conditions=@countersign/source', '--import', 'tsx']
  const child = spawn(process.execPath, [...source, ...flags, `${folder}${program}`, ...values], {
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...output }))
  })
}
