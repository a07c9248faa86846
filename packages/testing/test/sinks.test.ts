import { once } from 'node:events'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough, Writable } from 'node:stream'
import { functionSink, httpSink, streamSink } from '@countersign/core'
import type { Case, ReadableSink, SinkOutageSubject } from '@countersign/testing/conformance'
import { sinkCases, sinkOutageCases } from '@countersign/testing/conformance'
import { afterAll, describe, test } from 'vitest'

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

/** A server that keeps what it is sent, or refuses it. */
async function aServer(status: number) {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      bodies.push(body)
      response.writeHead(status).end('thanks')
    })
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/events`, text: () => bodies.join('') }
}

type Id = Awaited<ReturnType<ReadableSink['received']>>[number]

function idsIn(text: string): readonly Id[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line): Id => JSON.parse(line).id)
}

function passes<Subject>(cases: readonly Case<Subject>[], subject: Subject): void {
  for (const { name, run } of cases) test(name, () => run(subject))
}

describe('functionSink()', () => {
  passes(sinkCases, {
    async createSink() {
      const received: Id[] = []
      const sink = functionSink('list', ({ id }) => void received.push(id))
      return { sink, received: async () => received }
    },
  })
  passes(sinkOutageCases, {
    createUnreachable: async () => functionSink('away', () => Promise.reject(new Error('away'))),
  })
})

describe('streamSink() on a stream of Node', () => {
  passes(sinkCases, {
    async createSink() {
      const stream = new PassThrough()
      let text = ''
      stream.on('data', (chunk) => {
        text += chunk
      })
      return { sink: streamSink({ name: 'log', stream }), received: async () => idsIn(text) }
    },
  })
  const broken: SinkOutageSubject = {
    async createUnreachable() {
      const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('full')) })
      stream.on('error', () => undefined)
      return streamSink({ name: 'log', stream })
    },
  }
  passes(sinkOutageCases, broken)
})

describe('streamSink() on a stream of the web platform', () => {
  passes(sinkCases, {
    async createSink() {
      let text = ''
      const stream = new WritableStream<Uint8Array>({
        write(chunk) {
          text += new TextDecoder().decode(chunk)
        },
      })
      return { sink: streamSink({ name: 'log', stream }), received: async () => idsIn(text) }
    },
  })
  passes(sinkOutageCases, {
    async createUnreachable() {
      const stream = new WritableStream<Uint8Array>({
        write() {
          throw new Error('full')
        },
      })
      return streamSink({ name: 'log', stream })
    },
  })
})

describe('httpSink()', () => {
  passes(sinkCases, {
    async createSink() {
      const { url, text } = await aServer(204)
      return { sink: httpSink({ name: 'siem', url }), received: async () => idsIn(text()) }
    },
  })
  for (const status of [302, 400, 500])
    describe(`on an endpoint that answers ${status}`, () => {
      passes(sinkOutageCases, {
        async createUnreachable() {
          const { url } = await aServer(status)
          return httpSink({ name: 'siem', url })
        },
      })
    })
})
