import type { Exchange, Handler } from '@countersign/http'
import { createHandler } from '@countersign/http'
import { describe, test } from 'vitest'
import { expectCase, HOST_HEADER, httpCases } from './http-cases.ts'
import type { Answer } from './support/answer.ts'
import { toAnswer } from './support/answer.ts'
import type { WireRequest } from './support/wire.ts'
import { aWorkload, HOME } from './support/workload.ts'

const handedOn = ({ body = '' }: WireRequest): Answer => ({
  status: 404,
  headers: { [HOST_HEADER]: 'yes' },
  body: JSON.stringify({ received: Buffer.byteLength(body) }),
})

/** Asks without a web request, so that nothing is normalised. */
async function askExchange(handler: Handler, request: WireRequest): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body } = request
  const all = new Map(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  if (body !== undefined) all.set('content-length', String(Buffer.byteLength(body)))
  const exchange: Exchange = {
    method,
    target: path,
    header: (name) => all.get(name),
    body: body === undefined ? undefined : (new Response(body).body ?? undefined),
    peer: { ...HOME, requestId: all.get('x-request-id') },
  }
  const answer = handler.owns(method, path) ? await handler.answer(exchange) : undefined
  if (answer === undefined) return handedOn(request)
  return method === 'HEAD' ? { ...answer, body: '' } : answer
}

/** Asks with a web request, as far as one can say it. */
async function askRequest(handler: Handler, request: WireRequest): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body } = request
  const spelt = new Request(`https://host.example${path}`, {
    method,
    headers: Object.entries(headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ]),
    ...(body !== undefined && !/^(GET|HEAD)$/.test(method) && { body: Buffer.from(body) }),
  })
  const response = await handler.handle(spelt, HOME)
  return response === undefined ? handedOn(request) : toAnswer(response)
}

const isNormalised = (path: string): boolean => {
  const { pathname, search } = new URL(path, 'https://host.example')
  return !path.startsWith('//') && pathname + search !== path
}

describe('createHandler() answers an exchange', async () => {
  const workload = await aWorkload({ lockout: 'off' })
  const handler = createHandler(workload.countersign)
  const asked = { ask: (request: WireRequest) => askExchange(handler, request), parsed: false }
  test.each(httpCases)('$name', (one) => expectCase(one, workload, asked))
})

describe('createHandler() answers a web request', async () => {
  const workload = await aWorkload({ lockout: 'off' })
  const handler = createHandler(workload.countersign)
  const asked = { ask: (request: WireRequest) => askRequest(handler, request), parsed: false }
  const sayable = httpCases.filter(
    ({ request: { method, path } }) => method !== 'TRACE' && !isNormalised(path),
  )
  test.each(sayable)('$name', (one) => expectCase(one, workload, asked))
})
