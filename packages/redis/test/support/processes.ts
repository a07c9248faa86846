import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { NaiveCacheOptions } from './naive-cache.ts'

/** What a node in a process of its own is built from. */
export interface NodeSettings {
  readonly database: string
  readonly redis: string
  readonly prefix: string
  readonly rootKey: string
  readonly cacheTtl: number
  readonly channel: 'redis' | 'postgres' | 'none'
  /** Whether lockouts and uses are counted in Redis. */
  readonly counters?: boolean
  /** Who remembers evidence that was seen: the storage, Redis, or each node by itself, which is wrong. */
  readonly marks?: 'storage' | 'redis' | 'own'
  /** Seconds until Redis counts as away, where the usual ones are too few for a busy machine. */
  readonly timeout?: number
  /** Time that moves by hand alone; where absent it passes. */
  readonly clock?: {
    /** What the storage says that the time is. */
    readonly authority: string
    /** Seconds that the node's own clock is ahead of it. */
    readonly skew: number
  }
  /** A cache in the place of the engine's. */
  readonly naive?: Omit<NaiveCacheOptions, 'channel'>
}

/** What a node is told. */
export interface Command {
  readonly id: number
  readonly verb:
    | 'login'
    | 'authenticate'
    | 'renew'
    | 'revoke'
    | 'host'
    | 'memory'
    | 'advance'
    /** Presents one token so many times at once; answers what came of it. */
    | 'present'
    /** Presents a token so many times, each under another `kid`. */
    | 'flood'
  readonly values: readonly unknown[]
}

/** What came of it: `ok`, or a code. */
export interface Answer {
  readonly id: number
  readonly outcome: string
  /** What was answered, or why not. */
  readonly value?: unknown
}

/** A node in a process of its own. */
export interface NodeProcess {
  call(verb: Command['verb'], ...values: readonly unknown[]): Promise<Answer>
  /** The same, for what must succeed; answers its value. */
  get<T>(verb: Command['verb'], ...values: readonly unknown[]): Promise<T>
  close(): Promise<void>
}

/** Starts a node and waits until it is ready. */
export async function startProcess(settings: NodeSettings): Promise<NodeProcess> {
  const path = fileURLToPath(new URL('../children/node.ts', import.meta.url))
  const execArgv = ['--expose-gc', '--conditions=@countersign/source', '--import', 'tsx']
  const child = fork(path, [JSON.stringify(settings)], { execArgv, stdio: 'pipe' })
  let problem = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    problem += chunk.toString()
  })
  const waiting = new Map<number, (answer: Answer) => void>()
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve())
    child.once('exit', () => reject(new Error(`A node ended: ${problem}`)))
  })
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  let count = 0
  const call: NodeProcess['call'] = (verb, ...values) => {
    count += 1
    const id = count
    const answered = new Promise<Answer>((resolve) => void waiting.set(id, resolve))
    child.send({ id, verb, values } satisfies Command)
    return answered
  }
  return {
    call,
    async get<T>(verb: Command['verb'], ...values: readonly unknown[]) {
      const { outcome, value } = await call(verb, ...values)
      if (outcome !== 'ok') throw new Error(`${verb} came to ${outcome}: ${value}`)
      return value as T
    },
    close: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
}
