import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A process of `test/children` that works until it is killed, and writes a line for each thing that it did. */
export interface Killable {
  /** Kills it without a warning, right behind so many further lines. */
  killAfter(lines: number): Promise<void>
}

/** Starts a program of `test/children`. */
export function startKillable(program: string, values: readonly string[]): Killable {
  const path = fileURLToPath(new URL(`../children/${program}`, import.meta.url))
  const flags = ['--conditions=@countersign/source', '--import', 'tsx']
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  const child = spawn(process.execPath, [...flags, path, ...values], { stdio: [...stdio] })
  const gone = once(child, 'close')
  const lines = createInterface({ input: child.stdout })
  let problem = ''
  child.stderr.on('data', (chunk: Buffer) => {
    problem += chunk.toString()
  })
  return {
    async killAfter(count) {
      let seen = 0
      await new Promise<void>((resolve, reject) => {
        lines.on('line', () => {
          seen += 1
          if (seen >= count) resolve()
        })
        void gone.then(() => reject(new Error(`${program} ended: ${problem}`)))
      })
      child.kill('SIGKILL')
      await gone
    },
  }
}
