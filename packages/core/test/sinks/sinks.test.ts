import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import type { SinkContext } from '../../src/ports/sink.ts'
import { functionSink } from '../../src/sinks/function-sink.ts'
import { httpSink } from '../../src/sinks/http-sink.ts'
import { streamSink } from '../../src/sinks/stream-sink.ts'
import { START } from '../support/clock.ts'

function anEvent(count: number, given: Partial<Event> = {}): Event {
  const actor = { kind: 'engine' } as const
  const target = { kind: 'clock', id: 'node' } as const
  return { v: 1, id: `evt_${count}`, type: 'clock.drifted', at: START, actor, target, ...given }
}

function aContext(fetch: SinkContext['fetch'] = () => Promise.reject(new Error('no network'))) {
  return { now: START, signal: new AbortController().signal, fetch }
}

interface Sent {
  readonly url: string
  readonly init: RequestInit & { readonly headers: Record<string, string>; readonly body: string }
}

/** A network that answers with a status, and keeps what it was sent. */
function aNetwork(status = 202) {
  const sent: Sent[] = []
  const fetch = async (url: unknown, init: unknown) => {
    sent.push({ url, init } as Sent)
    return new Response(status === 202 ? null : 'no', { status })
  }
  return { sent, context: aContext(fetch as typeof globalThis.fetch) }
}

const url = 'https://siem.example.com/in'
const key = Buffer.alloc(32, 0xfb)
const secret = `whsec_${key.toString('base64')}`

describe('httpSink()', () => {
  test('posts lines of JSON, with its headers, and follows no redirect', async () => {
    const { sent, context } = aNetwork()
    const headers = { authorization: 'Bearer x' }
    await httpSink({ name: 'siem', url, headers }).write([anEvent(1), anEvent(2)], context)
    const [{ init, ...request } = {} as Sent] = sent
    expect(request.url).toBe(url)
    expect(init).toMatchObject({ method: 'POST', redirect: 'error', signal: context.signal })
    expect(init.headers).toMatchObject({ ...headers, 'content-type': 'application/x-ndjson' })
    const lines = init.body.split('\n')
    expect(lines.pop()).toBe('')
    expect(lines.map((line) => JSON.parse(line))).toEqual(
      JSON.parse(JSON.stringify([anEvent(1), anEvent(2)])),
    )
  })

  test('signs as Standard Webhooks says, with the same id for the same batch', async () => {
    const { sent, context } = aNetwork()
    const sink = httpSink({ name: 'siem', url, secret })
    const batch = [anEvent(1), anEvent(2)]
    await sink.write(batch, context)
    await sink.write(batch, context)
    const [first, again] = sent
    const id = first?.init.headers['webhook-id']
    const timestamp = String(START.getTime() / 1000)
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${first?.init.body}`)
    expect(first?.init.headers).toMatchObject({
      'webhook-id': 'evt_1.evt_2',
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${mac.digest('base64')}`,
    })
    expect(again?.init.headers['webhook-id']).toBe(id)
  })

  test('takes any answer but 2xx for "not written", and tells nothing of the answer but its status', async () => {
    for (const status of [400, 401, 404, 429, 500]) {
      const { context } = aNetwork(status)
      const written = async () => httpSink({ name: 'siem', url }).write([anEvent(1)], context)
      await expect(written()).rejects.toThrow(`answered ${status}`)
    }
  })

  test('refuses a URL or a secret that is none, without repeating it', () => {
    for (const wrong of [
      '',
      'siem',
      'ftp://siem',
      'file:///etc',
      'https://user:pw@siem.example.com',
    ])
      expect(() => httpSink({ name: 'siem', url: wrong })).toThrow(
        'httpSink() takes an http or https URL without a password',
      )
    for (const wrong of ['', 'whsec_', 'whsec_AAAA', key.toString('base64'), 'whsec_ä'])
      expect(() => httpSink({ name: 'siem', url, secret: wrong })).toThrow(
        'httpSink() takes a secret of whsec_ and 24 to 64 bytes in base64',
      )
  })
})

describe('functionSink()', () => {
  test('calls for one event after the other, and for none behind one that failed', async () => {
    const seen: string[] = []
    const sink = functionSink('list', async ({ id }) => {
      seen.push(id)
      await undefined
      if (id === 'evt_2') throw new Error('no')
    })
    const written = async () =>
      sink.write(
        [1, 2, 3].map((count) => anEvent(count)),
        aContext(),
      )
    await expect(written()).rejects.toThrow('no')
    expect(seen).toEqual(['evt_1', 'evt_2'])
  })

  test('stops where its signal aborts', async () => {
    const controller = new AbortController()
    const seen: string[] = []
    const sink = functionSink('list', ({ id }) => {
      seen.push(id)
      controller.abort()
    })
    const context = { ...aContext(), signal: controller.signal }
    const written = async () => sink.write([anEvent(1), anEvent(2)], context)
    await expect(written()).rejects.toThrow()
    expect(seen).toEqual(['evt_1'])
  })
})

describe('streamSink()', () => {
  test('writes a line for each event, and nothing in an event ends or colours it', async () => {
    let text = ''
    const stream = {
      write(chunk: Uint8Array, done: () => void) {
        text += new TextDecoder().decode(chunk)
        done()
      },
    }
    const nasty = 'a\n\r\u2028\u2029\u0085\u001b[31m\u009b31m\u202e\u200b\u007f\u{e0001}"}\\'
    const event = anEvent(1, { reason: nasty })
    await streamSink({ name: 'log', stream }).write([event, anEvent(2)], aContext())
    const lines = text.split('\n')
    expect(lines.length).toBe(3)
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
    expect(JSON.parse(lines[0] ?? '').reason).toBe(nasty)
  })

  test('leaves a web stream unlocked for others', async () => {
    const stream = new WritableStream<Uint8Array>()
    await streamSink({ name: 'log', stream }).write([anEvent(1)], aContext())
    expect(stream.locked).toBe(false)
  })
})
