import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Server } from './child.ts'

/** The major versions of PostgreSQL that the tests run on. */
export type PostgresMajor = 14 | 18

/** The oldest and the newest version that is supported. */
export const postgresMajors: readonly PostgresMajor[] = [18, 14]

/** Starts a server; called at most once in a run. It may stand on another one. */
export type StartServer = (start: (name: string) => Promise<Server>) => Promise<Server>

/** Where tests ask for servers. */
export interface ServerDesk {
  readonly url: string
  close(): Promise<void>
}

/**
 * Opens a desk that starts each server when the first test asks for it, and stops them all when it closes: a run whose
 * tests need none starts none.
 */
export async function openServerDesk(
  starts: Readonly<Record<string, StartServer>>,
): Promise<ServerDesk> {
  const started = new Map<string, Promise<Server>>()
  const start = (name: string): Promise<Server> => {
    const starting = started.get(name) ?? starts[name]?.(start)
    if (starting === undefined) throw new Error(`Nobody knows how to start ${name}`)
    started.set(name, starting)
    return starting
  }
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const { url } = await start((request.url ?? '').slice(1))
      response.end(JSON.stringify({ url }))
    } catch (error) {
      response.writeHead(500).end(JSON.stringify({ problem: String(error) }))
    }
  }
  const desk = createServer((request, response) => void answer(request, response))
  desk.listen(0, '127.0.0.1')
  await once(desk, 'listening')
  const { port } = desk.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      desk.closeAllConnections()
      desk.close()
      const servers = await Promise.allSettled(started.values())
      await Promise.all(
        servers.map((server) => server.status === 'fulfilled' && server.value.stop()),
      )
    },
  }
}

/**
 * Answers where a server can be reached. Where it cannot be started, a run with `CI` set fails; any other run says so
 * loudly and gets undefined, for tests to be skipped.
 */
export async function serverUrl(desk: string, name: string): Promise<string | undefined> {
  const response = await fetch(`${desk}/${name}`)
  const { url, problem } = (await response.json()) as { url?: string; problem?: string }
  if (url !== undefined) return url
  if (process.env['CI']) throw new Error(problem)
  console.error(`\n!!! SKIPPED: every test that needs ${name}. ${problem}\n`)
  return undefined
}
