import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Contender } from './contest.ts'

/** A contender that keeps a process of its own for all of its rounds. */
export interface Worker {
  readonly contender: Contender
  /** What it answers to the questions of the contest, in their order. */
  readonly answers: () => Promise<readonly boolean[]>
}

/** What a worker's process does. */
export interface Work {
  readonly sample: Contender['sample']
  readonly answers: () => readonly boolean[]
}

/** Starts a process for one contender: of children/, with flags of its own. It ends with the process that started it. */
export function startWorker(
  name: string,
  file: string,
  told: readonly string[],
  flags: readonly string[],
): Worker {
  const path = fileURLToPath(new URL(`children/${file}`, import.meta.url))
  const child = fork(path, [...told], { execArgv: [...flags] })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${name} ended with ${code}`)
  })
  // Nobody may be asking when it ends; whoever asks later is told.
  ended.catch(() => {})
  child.unref()
  child.channel?.unref()

  async function ask<Answer>(question: Asked): Promise<Answer> {
    child.ref()
    child.channel?.ref()
    try {
      child.send(question)
      const [answer] = await Promise.race([once(child, 'message'), ended])
      return answer
    } finally {
      child.unref()
      child.channel?.unref()
    }
  }

  return {
    contender: { name, sample: (milliseconds) => ask({ milliseconds }) },
    answers: () => ask('answers'),
  }
}

/** Answers whoever started this process. */
export function serve({ sample, answers }: Work): void {
  process.on('message', async (asked: Asked) => {
    process.send?.(asked === 'answers' ? answers() : await sample(asked.milliseconds))
  })
}

type Asked = 'answers' | { readonly milliseconds: number }
