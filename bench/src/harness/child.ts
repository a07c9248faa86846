import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Contender } from './contest.ts'

/** A contender that a new process measures, and sends one figure of. */
export function measuredByChild(name: string, file: string, told: readonly string[]): Contender {
  const path = fileURLToPath(new URL(`children/${file}`, import.meta.url))
  return {
    name,
    async sample() {
      const child = fork(path, [...told], { execArgv: ['--expose-gc'] })
      const [figure] = await Promise.race([once(child, 'message'), ended(name, child)])
      return Number(figure)
    },
  }
}

async function ended(name: string, child: ReturnType<typeof fork>): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`${name} ended with ${code} and measured nothing`)
}
