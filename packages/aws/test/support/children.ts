import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of `test/children` that has said that it is ready, and waits to be told to go. */
export interface Child {
  /** Lets it go on, and answers the last line that it wrote. */
  readonly finish: () => Promise<string>
}

/** Starts a program of `test/children` and waits until it is ready. */
export async function startChild(program: string, given: object): Promise<Child> {
  const path = fileURLToPath(new URL(`../children/${program}`, import.meta.url))
  const flags = ['--conditions=@countersign/source', '--import', 'tsx']
  const { NODE_OPTIONS: _options, ...env } = process.env
  const words = [...flags, path, JSON.stringify(given)]
  const child = spawn(process.execPath, words, { stdio: 'pipe', env })
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
    child.on('close', () => reject(new Error(`${program} ended: ${output} ${problem}`)))
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
