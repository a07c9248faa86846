import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A server process, stopped by its own handle. */
export interface Server {
  readonly url: string
  stop(): Promise<void>
}

/** How a process is started, and how it says that it is ready. */
export interface ChildOptions {
  readonly command: string
  readonly args: readonly string[]
  readonly ready: RegExp
  readonly env?: Readonly<Record<string, string>>
  readonly uid?: number
  readonly gid?: number
  readonly cwd?: string
}

/** Starts a process and waits for the line that says it is ready. */
export async function startChild(options: ChildOptions): Promise<ChildProcess> {
  const { command, args, ready, env = {}, uid, gid, cwd } = options
  const child = spawn(command, [...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(cwd !== undefined && { cwd }),
  })
  // Whoever ends without stopping its servers must not leave them behind.
  const abandon = (): void => void child.kill('SIGINT')
  process.once('exit', abandon)
  child.once('exit', () => process.removeListener('exit', abandon))
  let output = ''
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      if (ready.test(output)) resolve()
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${command} did not start: ${output}`)))
  })
  child.stdout?.removeAllListeners('data').resume()
  child.stderr?.removeAllListeners('data').resume()
  return child
}

/** Stops a process and waits until it is gone. */
export async function stopChild(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}

/** Runs a program to its end; throws what it printed where it fails. */
export async function run(
  command: string,
  args: readonly string[],
  options: Pick<ChildOptions, 'cwd' | 'uid' | 'gid' | 'env'> = {},
): Promise<string> {
  const { env = {}, ...rest } = options
  const child = spawn(command, [...args], { ...rest, env: { ...process.env, ...env } })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString()
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${output}`)
  return output
}
