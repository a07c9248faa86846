import { concatBytes } from '@countersign/core/plugin'
import type { Answer, Network } from './network.ts'
import { OutboundError } from './network.ts'

/**
 * Reaches other hosts by the host's own `fetch`, which then resolves names and trusts certificates by itself.
 *
 * What a URL may say is checked as ever; what its name resolves to is in the hands of the host.
 */
export function fetchNetwork(
  fetch: typeof globalThis.fetch,
  deadline: Network['deadline'],
): Network {
  return {
    resolve: async () => undefined,
    async send({ url, method, headers, body, signal, mostBytes }) {
      const request = {
        method,
        headers,
        signal,
        redirect: 'manual',
        ...(body !== undefined && { body }),
      }
      const answer = await fetch(url, request as RequestInit).catch(() => {
        throw new OutboundError(signal.aborted ? 'too_late' : 'unreachable')
      })
      return {
        status: answer.type === 'opaqueredirect' ? 302 : answer.status,
        headers: Object.fromEntries(answer.headers.entries()),
        body: await readAll(answer.body, mostBytes, signal),
      }
    },
    deadline,
  }
}

async function readAll(
  body: ReadableStream<Uint8Array> | null,
  mostBytes: number,
  signal: AbortSignal,
): Promise<Answer['body']> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      size += chunk.length
      if (size > mostBytes) throw new OutboundError('too_large')
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof OutboundError) throw error
    throw new OutboundError(signal.aborted ? 'too_late' : 'unreachable')
  }
  return concatBytes(...chunks)
}
