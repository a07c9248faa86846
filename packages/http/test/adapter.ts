import type { RequestListener } from 'node:http'
import type { Countersign } from '@countersign/core'

/** How a host mounts the handler. */
export type Mounting = 'raw' | 'behind a body parser' | 'under a prefix'

/** Every way to mount it. */
export const mountings: readonly Mounting[] = ['raw', 'behind a body parser', 'under a prefix']

/** Where the handler is mounted when it is mounted under a prefix. */
export const PREFIX = '/identity'

/** What a test makes of a host. */
export interface HostGiven {
  readonly countersign: Countersign
  readonly mounting?: Mounting
  /** The header that the host believes about addresses, and no other. */
  readonly addressHeader?: string
  readonly bodyDeadline?: (seconds: number) => AbortSignal
  /** Hears whenever a route behind a guard runs. */
  readonly ran?: (path: string) => void
}

/**
 * A host application in one framework, with the engine's routes and these of its own, in this order:
 *
 * | path | answers |
 * |---|---|
 * | `/unguarded` | the principal of a request that no guard has seen |
 * | `/guarded` | `{ identity }` behind one guard, after some turns of the event loop |
 * | `/twice` | the same behind two |
 * | `/optional` | `{ identity }` or `{ identity: null }` behind an optional one |
 * | `/answered` | `taken` before its guard comes to speak |
 * | anything else | 404 with `HOST_HEADER`, and how many bytes of the body it found unread |
 */
export interface Adapter {
  readonly name: string
  create(given: HostGiven): RequestListener
}

/** Lets other requests have their turns. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1)
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
}

/** Counts what is left of a body. */
export async function countBytes(body: AsyncIterable<unknown>): Promise<number> {
  let bytes = 0
  for await (const chunk of body) bytes += Buffer.byteLength(chunk as Buffer)
  return bytes
}
