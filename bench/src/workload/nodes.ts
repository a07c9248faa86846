import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** Where a node finds its deployment. */
export interface NodeSettings {
  readonly database: string
  readonly redis: string
  readonly rootKey: string
  readonly channel: 'redis' | 'postgres'
  /** Each node has its own workloads, and those know nothing of each other. */
  readonly organization: string
}

/** What a node is told. */
export type NodeOrder =
  | { readonly kind: 'authenticate' | 'login'; readonly milliseconds: number }
  | { readonly kind: 'watch' | 'revoke'; readonly token: string }
  | { readonly kind: 'logEverybodyIn' }

/** A node in a process of its own. */
export interface Node {
  ask<Answer>(order: NodeOrder): Promise<Answer>
  /** The next thing that it says by itself. */
  said(): Promise<unknown>
}

/** Starts a node, which ends with this process. */
export async function startNode(settings: NodeSettings): Promise<Node> {
  const path = fileURLToPath(new URL('children/node.js', import.meta.url))
  const child = fork(path, [JSON.stringify(settings)])
  process.once('disconnect', () => child.disconnect())
  // Nobody may be listening when it ends; whoever asks later is told.
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A node ended with ${code}`)
  })
  ended.catch(() => {})
  const said = async (): Promise<unknown> => {
    const heard = new AbortController()
    try {
      const [answer] = await Promise.race([once(child, 'message', heard), ended])
      return answer
    } finally {
      heard.abort()
    }
  }
  await said()
  return {
    async ask<Answer>(order: NodeOrder): Promise<Answer> {
      child.send(order)
      return (await said()) as Answer
    },
    said,
  }
}
