import type { Countersign } from '@countersign/core'
import type { Handler, HandlerOptions } from '@countersign/http'
import { createHandler } from '@countersign/http'
import type { Answer } from './answer.ts'
import { bodyOf, expectContract } from './answer.ts'
import { ask, streamOf } from './ask.ts'
import type { Workload, WorkloadGiven } from './workload.ts'
import { aWorkload } from './workload.ts'

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
export const API = 'https://api.example.com'

/** The fields of a form, and what stands in its head. */
export interface Posted {
  readonly fields?: Readonly<Record<string, string>>
  readonly authorization?: string | undefined
  readonly address?: string
}

export type Body = Readonly<Record<string, unknown>>

/** A handler whose OAuth routes a test asks, and a workload that holds something. */
export interface OAuth extends Workload {
  readonly handler: Handler
  readonly basic: string
  readonly post: (path: string, posted?: Posted) => Promise<Answer>
  /** Asks the token endpoint with the workload's own credentials. */
  readonly token: (fields?: Posted['fields']) => Promise<Answer>
}

/** Writes client credentials as most clients do. */
export function basicOf(id: string, secret: string): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

/** Posts a form, and holds the answer to what every answer promises. */
export function posting(handler: Handler) {
  return async (path: string, { fields = {}, authorization, address }: Posted = {}) => {
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      ...(authorization !== undefined && { authorization }),
    }
    const body = streamOf(new URLSearchParams(fields).toString())
    const answer = await ask(handler, path, { headers, body, ...(address && { address }) })
    expectContract(answer)
    return answer
  }
}

/** Makes a workload that may read secrets in project `web` and approve invoices, and the handler that it asks. */
export async function anOAuth(given: WorkloadGiven & HandlerOptions = {}): Promise<OAuth> {
  const workload = await aWorkload(given)
  const { countersign, clientId, clientSecret } = workload
  await holdSome(countersign, clientId)
  const handler = createHandler(countersign, given)
  const post = posting(handler)
  const basic = basicOf(clientId, clientSecret)
  return {
    ...workload,
    handler,
    basic,
    post,
    token: (fields = {}) =>
      post(`${given.prefix ?? ''}/oauth/token`, {
        authorization: basic,
        fields: { grant_type: 'client_credentials', ...fields },
      }),
  }
}

async function holdSome(countersign: Countersign, identity: string): Promise<void> {
  const host = countersign.asHost('test')
  await host.projects.ensure({ organization: 'acme', id: 'web', name: 'web' })
  const subject = { identity }
  const rules = [{ allow: ['secret:*'] }] as never
  await host.roleBindings.create({ organization: 'acme', subject, project: 'web', rules })
  const invoices = [{ allow: ['invoice:*'] }] as never
  await host.roleBindings.create({ organization: 'acme', subject, rules: invoices })
}

/** The access token of an answer that must hold one. */
export function tokenIn(answer: Answer): string {
  const { access_token: token } = bodyOf(answer)
  if (answer.status === 200 && typeof token === 'string') return token
  throw new Error(`It was refused: ${answer.status} ${answer.body}`)
}
