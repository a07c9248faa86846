import type { Exchange, Handler } from '@countersign/http'
import type { Answer } from './answer.ts'
import { HOME } from './workload.ts'

/** What differs from a usual login. */
export interface AskGiven {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Exchange['body']
  readonly address?: string
}

/** Hands an exchange to a handler that must answer it. */
export async function ask(
  handler: Handler,
  target: string,
  { method = 'POST', headers = {}, body, address = HOME.address }: AskGiven = {},
): Promise<Answer> {
  const answer = await handler.answer({
    method,
    target,
    header: (name) => headers[name],
    body,
    peer: { address, requestId: headers['x-request-id'], userAgent: headers['user-agent'] },
  })
  if (answer === undefined) throw new Error('The handler says that the request is not its own')
  return answer
}

/** Posts JSON to a handler. */
export function askJson(
  handler: Handler,
  target: string,
  body: unknown,
  given: Omit<AskGiven, 'body'> = {},
): Promise<Answer> {
  const headers = { 'content-type': 'application/json', ...given.headers }
  return ask(handler, target, { ...given, headers, body: streamOf(JSON.stringify(body)) })
}

/** A body as it comes from a socket. */
export function streamOf(text: string): Exchange['body'] {
  return new Response(text).body ?? undefined
}
