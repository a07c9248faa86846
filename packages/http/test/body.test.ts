import type { Exchange } from '@countersign/http'
import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { LOGIN } from './cases/case.ts'
import { bodyOf } from './support/answer.ts'
import { ask, askJson, streamOf } from './support/ask.ts'
import { aWorkload } from './support/workload.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' }

/** Deadlines that a test lets pass by hand. */
function handDeadlines() {
  const given: { readonly seconds: number; readonly controller: AbortController }[] = []
  return {
    given,
    bodyDeadline(seconds: number) {
      const controller = new AbortController()
      given.push({ seconds, controller })
      return controller.signal
    },
  }
}

/** A body whose chunks are made when somebody asks, and how many were. */
function countedBody(chunk: (index: number) => string | undefined) {
  let made = 0
  let cancelled = false
  const body: Exchange['body'] = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const text = chunk(made)
        made += 1
        if (text === undefined) controller.close()
        else controller.enqueue(new TextEncoder().encode(text))
      },
      cancel() {
        cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { body, made: () => made, cancelled: () => cancelled }
}

describe('size', () => {
  test('HTP-001 login reads no byte of a body that says it is too large', async () => {
    const { countersign } = await aWorkload()
    const { body, made } = countedBody(() => 'x'.repeat(1000))
    const headers = { ...JSON_TYPE, 'content-length': '32769' }
    const answer = await ask(createHandler(countersign), LOGIN, { headers, body })
    expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } })
    expect(made()).toBe(0)
  })

  test('HTP-002 login counts a body that does not say its length, and stops at 32 kB', async () => {
    const { countersign } = await aWorkload()
    const { body, made, cancelled } = countedBody((index) =>
      index < 100 ? 'x'.repeat(1024) : undefined,
    )
    const answer = await ask(createHandler(countersign), LOGIN, { headers: JSON_TYPE, body })
    expect(answer).toMatchObject({ status: 413, headers: { connection: 'close' } })
    expect(made()).toBe(33)
    expect(cancelled()).toBe(true)
  })

  test.each([
    [32_768, 400],
    [32_769, 413],
  ])('login answers a body of %i bytes with %i', async (length, status) => {
    const { countersign } = await aWorkload()
    const body = streamOf('x'.repeat(length))
    expect(
      await ask(createHandler(countersign), LOGIN, { headers: JSON_TYPE, body }),
    ).toMatchObject({ status })
  })
})

describe('time', () => {
  test('HTP-010 login waits ten seconds for a slow body, and others do not wait for it', async () => {
    const workload = await aWorkload()
    const deadlines = handDeadlines()
    const handler = createHandler(workload.countersign, deadlines)
    const never = new Promise<never>(() => undefined)
    const body = new ReadableStream<Uint8Array>({ pull: () => never }, { highWaterMark: 0 })
    const slow = ask(handler, LOGIN, { headers: JSON_TYPE, body })
    expect(await askJson(handler, LOGIN, workload)).toMatchObject({ status: 200 })
    deadlines.given[0]?.controller.abort()
    const answer = await slow
    expect(answer).toMatchObject({ status: 408, headers: { connection: 'close' } })
    expect(bodyOf(answer)['error']).toBe('RequestTimeout')
    expect(deadlines.given.map(({ seconds }) => seconds)).toEqual([10, 10])
  })

  test('login refuses at once when the time is over before it begins', async () => {
    const { countersign } = await aWorkload()
    const handler = createHandler(countersign, { bodyDeadline: () => AbortSignal.abort() })
    const body = new ReadableStream<Uint8Array>({ pull: () => new Promise(() => undefined) })
    expect(await ask(handler, LOGIN, { headers: JSON_TYPE, body })).toMatchObject({ status: 408 })
  })

  test('login says no more than 400 to a body that breaks off', async () => {
    const { countersign } = await aWorkload()
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('ECONNRESET of a secret host')),
    })
    const answer = await ask(createHandler(countersign), LOGIN, { headers: JSON_TYPE, body })
    expect(answer.status).toBe(400)
    expect(answer.body).not.toContain('ECONNRESET')
  })
})

describe('complexity', () => {
  const bytes = (...parts: readonly (string | number)[]): Exchange['body'] => {
    const chunks = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : [part]))
    return new Response(Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))).body ?? undefined
  }

  test.each([
    ['JSON', JSON_TYPE, ['{"clientId":"', 0xff, '","clientSecret":"x"}']],
    ['half a character of JSON', JSON_TYPE, ['{"clientId":"', 0xf0, 0x9f, '","clientSecret":"x"}']],
    ['a form', FORM_TYPE, ['clientSecret=x&clientId=', 0xff]],
  ] as const)('HTP-006 login refuses %s that is no UTF-8', async (_what, headers, parts) => {
    const { countersign } = await aWorkload()
    const answer = await ask(createHandler(countersign), LOGIN, { headers, body: bytes(...parts) })
    expect(answer.status).toBe(400)
  })

  const many = (count: number, text: (n: number) => string): string =>
    Array.from({ length: Math.floor(count) }, (_, n) => text(n)).join(',')

  /** Texts of about so many bytes. */
  const hostile: readonly (readonly [string, (size: number) => string])[] = [
    ['nested lists', (size) => '['.repeat(size / 2) + ']'.repeat(size / 2)],
    ['nested objects', (size) => `${'{"a":'.repeat(size / 6)}1${'}'.repeat(size / 6)}`],
    ['lists that never end', (size) => '['.repeat(size)],
    ['members', (size) => `{${many(size / 9, (n) => `"${n}":0`)}}`],
    ['members of one name', (size) => `{${many(size / 6, () => '"a":0')}}`],
    ['colons', (size) => `{"a":"${':'.repeat(size)}"}`],
    ['quotes that never end', (size) => '"\\"'.repeat(size / 3)],
    ['backslashes', (size) => `{"a":"${'\\\\'.repeat(size / 2)}`],
    ['one number', (size) => `{"a":${'9'.repeat(size)}}`],
    ['blanks', (size) => `{"clientId"${' '.repeat(size)}:1}`],
    ['halves of characters', (size) => `{"a":"${'\\ud83d'.repeat(size / 6)}"}`],
  ]

  /** Milliseconds of processor time that so many logins with one body take: the least of three, past the warming up. */
  async function processorTime(text: string, rounds: number): Promise<number> {
    const { countersign } = await aWorkload()
    const handler = createHandler(countersign)
    const taken: number[] = []
    for (let measured = 0; measured < 3; measured += 1) {
      const start = process.cpuUsage()
      for (let round = 0; round < rounds; round += 1) {
        const answer = await ask(handler, LOGIN, { headers: JSON_TYPE, body: streamOf(text) })
        expect(answer.status).toBe(400)
      }
      const { user, system } = process.cpuUsage(start)
      taken.push((user + system) / 1000)
    }
    return Math.min(...taken)
  }

  test.each(hostile)(
    'HTP-006 login spends less than 5 ms on 32 kB of %s, and no more than on as much in pieces',
    async (_what, textOf) => {
      const whole = await processorTime(textOf(32_000), 10)
      const pieces = await processorTime(textOf(2000), 160)
      expect(whole / 10).toBeLessThan(5)
      expect(whole / pieces).toBeLessThan(4)
    },
  )
})
