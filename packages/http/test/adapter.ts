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
 * | `/secret` | `{ identity }` where `secret:read` is allowed of what the query names |
 * | `/invoice` | `{ identity }` where `invoice:approve` is allowed, behind two guards that ask |
 * | `/own` | `{ identity }` where `secret:read` is allowed in the project that the principal's metadata names |
 * | `/confused` | nothing: the question of its guard throws |
 * | `/later` | nothing: the question of its guard is a promise |
 * | anything else | 404 with `HOST_HEADER`, and how many bytes of the body it found unread |
 */
export interface Adapter {
  readonly name: string
  /** What a body parser leaves to the handler: what it made of the body by default, the text of it, or all of it. */
  readonly leaves?: 'the text' | 'everything'
  /** Says that the platform itself refuses some targets, before any app sees them. */
  readonly refusesTargets?: boolean
  /** Says that refusals are thrown to the host's own filter, which is told nothing of their details. */
  readonly withoutDetails?: boolean
  create(given: HostGiven): RequestListener
}

/** A question about a secret, as a query says it: as it stands, with whatever a client left out or wrote twice. */
export interface SecretQuestion {
  readonly project: string
  readonly environment: string
  readonly path: string
}

/** Reads the question of a query. */
export function questionOf(target: string): SecretQuestion {
  const { searchParams } = new URL(target, 'http://host.example')
  const members = [...new Set(searchParams.keys())].map((name) => {
    const values = searchParams.getAll(name)
    return [name, values.length > 1 ? values : values[0]]
  })
  return Object.fromEntries(members)
}

/** What a host throws that is confused. */
export function confuse(): never {
  throw new RangeError('The host is confused')
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
