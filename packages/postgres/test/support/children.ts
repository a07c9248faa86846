import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of `test/children` that says when it is ready, and then waits to be told to go. */
export interface Child {
  /** Lets it go on, and answers the last line that it wrote. */
  finish(): Promise<string>
}

/** Starts a program of `test/children` and waits until it is ready. */
export async function startChild(program: string, values: readonly string[]): Promise<Child> {
  const path = fileURLToPath(new URL(`../children/${program}`, import.meta.url))
  const flags = ['--conditions=@countersign/source', '--import', 'tsx']
  const child = spawn(process.execPath, [...flags, path, ...values], { stdio: 'pipe' })
  let output = ''
  let problem = ''
  const ended = once(child, 'close')
  child.stderr.on('data', (chunk: Buffer) => {
    problem += chunk.toString()
  })
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      if (output.includes('ready\n')) resolve()
    })
    child.on('close', () => reject(new Error(`${program} ended: ${problem}`)))
  })
  return {
    async finish() {
      child.stdin.write('go\n')
      await ended
      const last = output.trim().split('\n').at(-1) ?? ''
      if (last === 'ready') throw new Error(`${program} ended: ${problem}`)
      return last
    },
  }
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
