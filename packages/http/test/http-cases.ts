import { expect } from 'vitest'
import { bodyCases } from './cases/bodies.ts'
import type { HttpCase } from './cases/case.ts'
import { refusedCases } from './cases/refused.ts'
import { servedCases } from './cases/served.ts'
import type { Answer } from './support/answer.ts'
import { bodyOf, expectContract } from './support/answer.ts'
import type { WireRequest } from './support/wire.ts'
import type { Workload } from './support/workload.ts'

/** The HTTP surface as data: it holds over every adapter, in every mounting. */
export const httpCases: readonly HttpCase[] = [...servedCases, ...refusedCases, ...bodyCases]

/** What shows that the app behind the handler has answered. */
export const HOST_HEADER = 'x-answered-by-host'

/** Where the requests of a case go. */
export interface Asked {
  readonly ask: (request: WireRequest) => Promise<Answer>
  /** Whether a body parser of the host's reads first, and whether it leaves the text that it read. */
  readonly parsed: boolean | 'as text'
  /** Says that the platform itself refuses some targets, before any app sees them. */
  readonly refusesTargets?: boolean
}

/** Makes the request of a case, and compares what comes back. */
export async function expectCase(
  { request, expected }: HttpCase,
  workload: Pick<Workload, 'clientId' | 'clientSecret' | 'login'>,
  { ask, parsed, refusesTargets }: Asked,
): Promise<void> {
  const filled = await fill(request, workload)
  const answer = await ask(filled)
  if (expected.handedOn && refusesTargets && answer.status === 400) return
  if (expected.handedOn) return expectHandedOn(filled, answer, parsed === true)
  if (parsed === 'as text' && expected.byParser?.includes(answer.status)) return
  if (parsed === true && expected.byParser !== undefined) {
    expect(expected.byParser).toContain(answer.status)
    return
  }
  expect(answer.status, answer.body).toBe(expected.status)
  expect(answer.headers).not.toHaveProperty(HOST_HEADER)
  expectContract(answer)
  for (const [name, value] of Object.entries(expected.headers ?? {}))
    expect(answer.headers[name]).toMatch(typeof value === 'string' ? exactly(value) : value)
  if (expected.body !== undefined) expect(bodyOf(answer)).toMatchObject(expected.body)
  if (answer.status >= 400) expectNoEcho(answer, workload)
}

function expectHandedOn({ body = '' }: WireRequest, answer: Answer, parsed: boolean): void {
  expect(answer).toMatchObject({ status: 404, headers: { [HOST_HEADER]: 'yes' } })
  if (!parsed) expect(bodyOf(answer)).toEqual({ received: Buffer.byteLength(body) })
  expect(JSON.stringify(answer.headers)).not.toMatch(/access-control/i)
}

function expectNoEcho(
  { headers, body }: Answer,
  { clientId, clientSecret }: Pick<Workload, 'clientId' | 'clientSecret'>,
): void {
  const shown = JSON.stringify(headers) + body
  expect(shown.includes(clientId) || shown.includes(clientSecret)).toBe(false)
}

async function fill(
  { method, path, headers = {}, body }: WireRequest,
  { clientId, clientSecret, login }: Pick<Workload, 'clientId' | 'clientSecret' | 'login'>,
): Promise<WireRequest> {
  const needed = `${path}${JSON.stringify(headers)}${body ?? ''}`
  const accessToken = needed.includes('<accessToken>') ? (await login()).accessToken : ''
  const good: Readonly<Record<string, string>> = { clientId, clientSecret, accessToken }
  const put = (text: string): string => text.replace(/<(\w+)>/g, (it, name) => good[name] ?? it)
  return {
    method,
    path: put(path),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        typeof value === 'string' ? put(value) : value,
      ]),
    ),
    ...(body !== undefined && { body: put(body) }),
  }
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
}
