import type { Adapter, HostGiven } from '../adapter.ts'
import type { Answer } from './answer.ts'
import type { WireRequest } from './wire.ts'
import { listen, send } from './wire.ts'
import type { Workload, WorkloadGiven } from './workload.ts'
import { aWorkload } from './workload.ts'

/** What differs from the usual host and its workload. */
export type Given = WorkloadGiven & Omit<HostGiven, 'countersign'>

/** A host that listens, and how to ask it. */
export interface Served extends Workload {
  readonly port: number
  readonly ask: (request: WireRequest) => Promise<Answer>
  /** Asks a path with a token. */
  readonly askAs: (token: string, path?: string) => Promise<Answer>
}

/** Runs a test against a host that listens, and closes it. */
export type Serving = (run: (served: Served) => Promise<void>, given?: Given) => Promise<void>

/** Makes hosts of one adapter. */
export function servingIn(create: Adapter['create']): Serving {
  return async (run, given = {}) => {
    const workload = await aWorkload(given)
    const { port, close } = await listen(create({ ...given, countersign: workload.countersign }))
    const ask = (request: WireRequest) => send(port, request)
    const askAs = (token: string, path = '/guarded') =>
      ask({ path, headers: { authorization: `Bearer ${token}` } })
    try {
      await run({ ...workload, port, ask, askAs })
    } finally {
      await close()
    }
  }
}
