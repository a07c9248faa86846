import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process that has said that it is ready, and waits to be told to go. */
export interface Program {
  /** Lets it go on, and answers the last line that it wrote. */
  readonly finish: () => Promise<string>
}

/** Starts a program in TypeScript that stands on our sources, and waits until it says `ready`. */
export async function startProgram(place: URL, words: readonly string[]): Promise<Program> {
  const path = fileURLToPath(place)
  const flags = ['--conditions=@countersign/source', '--import', 'tsx']
  const child = spawn(process.execPath, [...flags, path, ...words], { stdio: 'pipe' })
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
    child.on('close', () => reject(new Error(`${path} ended: ${output} ${problem}`)))
  })
  return {
    async finish() {
      child.stdin.write('go\n')
      await ended
      const last = output.trim().split('\n').at(-1) ?? ''
      if (last === 'ready') throw new Error(`${path} ended: ${problem}`)
      return last
    },
  }
}
