import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** A server of key sets whose answer a test changes, and that counts who asked. */
export interface KeyServer {
  readonly url: string
  /** The paths that were asked for. */
  readonly asked: readonly string[]
  answer(respond: (request: IncomingMessage, response: ServerResponse) => void): void
}

/** Starts a server of key sets on loopback; it ends with the test. */
export async function aKeyServer(keys: () => Promise<unknown>): Promise<KeyServer> {
  const asked: string[] = []
  let respond = (_request: IncomingMessage, response: ServerResponse): void => {
    void keys().then((set) => response.end(JSON.stringify(set)))
  }
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    respond(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answer(changed) {
      respond = changed
    },
  }
}
