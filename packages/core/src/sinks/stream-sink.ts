import type { EventSink } from '../plugin.ts'
import { toUtf8 } from '../plugin.ts'
import { toLines } from './to-line.ts'

/** What a stream of the web platform must be able to do: a `WritableStream` of bytes can. */
export interface WebStream {
  getWriter(): {
    readonly ready: Promise<unknown>
    write(chunk: Uint8Array): Promise<void>
    releaseLock(): void
  }
}

/** What a stream of Node must be able to do: `process.stdout` and files can. */
export interface NodeStream {
  write(chunk: Uint8Array, done: (error?: Error | null) => void): unknown
}

/** Where lines go. */
export interface StreamSinkOptions {
  /** Keeps this sink's place in the trail; unique among the sinks of a deployment. */
  readonly name: string
  readonly stream: WebStream | NodeStream
}

/** Creates a sink that writes events as lines of JSON (NDJSON) to a stream, each batch when the one before is taken. */
export function streamSink({ name, stream }: StreamSinkOptions): EventSink {
  const write = 'getWriter' in stream ? toWebStream(stream) : toNodeStream(stream)
  return Object.freeze<EventSink>({ name, write: (events) => write(toUtf8(toLines(events))) })
}

function toWebStream(stream: WebStream) {
  return async (chunk: Uint8Array): Promise<void> => {
    const writer = stream.getWriter()
    try {
      await writer.ready
      await writer.write(chunk)
    } finally {
      writer.releaseLock()
    }
  }
}

function toNodeStream(stream: NodeStream) {
  return (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(error) : resolve()))
    })
}
