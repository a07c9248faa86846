import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Program } from '@countersign/testkit'
import { startProgram } from '@countersign/testkit'

/** Starts a program of `test/children`, which says that it is ready and then waits to be told to go. */
export function startChild(program: string, values: readonly string[]): Promise<Program> {
  return startProgram(new URL(`../children/${program}`, import.meta.url), values)
}

/** A process that says a word for each thing that it has done, and is killed while it does the next one. */
export interface Victim {
  /** Kills it once it has said so many words, and answers all that it said. */
  killAfter(words: number): Promise<readonly string[]>
}

/** Starts a program of `test/children` that is going to be killed. */
export async function startVictim(program: string, values: readonly string[]): Promise<Victim> {
  const path = fileURLToPath(new URL(`../children/${program}`, import.meta.url))
  const flags = ['--conditions=@countersign/source', '--import', 'tsx']
  const child = spawn(process.execPath, [...flags, path, ...values], { stdio: 'pipe' })
  let output = ''
  let problem = ''
  child.stderr.on('data', (chunk: Buffer) => {
    problem += chunk.toString()
  })
  const ended = once(child, 'close')
  const words = (): readonly string[] => output.split('\n').slice(1, -1)
  return {
    killAfter: (count) =>
      new Promise((resolve, reject) => {
        child.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (words().length >= count) child.kill('SIGKILL')
        })
        ended.then(() => {
          if (words().length < count) reject(new Error(`${program} ended: ${problem}`))
          else resolve(words())
        }, reject)
      }),
  }
}
