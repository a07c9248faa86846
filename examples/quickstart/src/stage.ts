import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Engine } from './app.ts'
import { createApp, createEngine } from './app.ts'
import type { Workload } from './workload.ts'
import { createWorkload } from './workload.ts'

/** A backend that listens, and a workload that can reach it. */
export interface Stage {
  readonly url: string
  readonly countersign: Engine
  readonly workload: Workload
  close(): Promise<void>
}

/** The tenant that everything here belongs to. */
export const organization = 'acme'

/** Opens the backend on a port of the system's choice. */
export async function openStage(): Promise<Stage> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const countersign = createEngine(url, randomBytes(32).toString('base64url'))
  server.on('request', createApp(countersign))
  await countersign.ready()
  return {
    url,
    countersign,
    workload: createWorkload(url),
    async close() {
      server.close()
      server.closeAllConnections()
      await countersign.close()
    },
  }
}
