import { request as ask } from 'node:http'
import { Readable } from 'node:stream'

/**
 * Creates a `fetch` over a Unix socket, for platforms that hand out evidence there: `/.fly/api`. It is for small questions:
 * bodies are read whole, and no redirect is followed.
 *
 * As `fetch` does, it rejects with a TypeError where nobody answers, and with the reason of an aborted signal.
 */
export function socketFetch(socketPath: string): typeof globalThis.fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const { method, signal } = request
    const body = Buffer.from(await request.arrayBuffer())
    const { host, pathname, search } = new URL(request.url)
    const headers = { host, ...Object.fromEntries(request.headers), 'content-length': body.length }
    return new Promise<Response>((resolve, reject) => {
      const outgoing = ask({ socketPath, method, path: pathname + search, headers, signal })
      outgoing.once('error', (cause) =>
        reject(signal.aborted ? signal.reason : new TypeError('fetch failed', { cause })),
      )
      outgoing.once('response', (incoming) => {
        const { statusCode: status = 0 } = incoming
        if (status >= 300 && status < 400) {
          incoming.destroy()
          return reject(new TypeError('A redirect of a socket is not followed'))
        }
        resolve(new Response(Readable.toWeb(incoming) as ReadableStream<Uint8Array>, { status }))
      })
      outgoing.end(body)
    })
  }
}
