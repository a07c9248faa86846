import type { Problem } from './problem.ts'
import { toProblemBody } from './problem.ts'

/** What a route answers when all is well. */
export interface Answer {
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/** Says that nobody may keep an answer, because it carries a credential or is about one. */
export const NO_STORE: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
}

/** Writes the response of an answer. */
export function respond({ body, headers = NO_STORE }: Answer, requestId: string): Response {
  return write(JSON.stringify(body), 200, { ...headers, 'x-request-id': requestId })
}

/** Writes the response of a refusal. */
export function respondProblem(problem: Problem, requestId: string): Response {
  const headers = { ...NO_STORE, ...problem.headers, 'x-request-id': requestId }
  return write(toProblemBody(problem, requestId), problem.status, headers)
}

function write(body: string, status: number, headers: Readonly<Record<string, string>>): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })
}
