import type { Countersign, Rule } from '@countersign/core'
import type { Handler, HandlerOptions } from '@countersign/http'
import { createHandler } from '@countersign/http'
import type { Answer } from './answer.ts'
import { bodyOf, expectContract } from './answer.ts'
import { ask, streamOf } from './ask.ts'
import type { Workload } from './workload.ts'
import { another, aWorkload, HOME, ORGANIZATION } from './workload.ts'

/** Calls a managing route, and answers what came back. */
export type Call = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<Answer>

/** Somebody who manages over the wire. */
export interface Manager {
  readonly call: Call
  /** Calls what must be answered with 200, and answers its body. */
  readonly ok: (method: string, path: string, body?: unknown) => Promise<Body>
  readonly clientId: string
  readonly accessToken: string
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads what the wire answered, member by member.
export type Body = any

/** A handler over an engine, and an admin of its organization. */
export interface Managed extends Omit<Workload, 'clientId'>, Manager {
  readonly handler: Handler
  /** Makes somebody else who holds these rules in the organization, and those in project `web`. */
  readonly as: (held: Held) => Promise<Manager>
}

/** What somebody holds. */
export interface Held {
  readonly role?: string
  readonly rules?: readonly Rule[]
  readonly inWeb?: readonly Rule[]
}

/** Makes an engine with the projects `web` and `api`, and another tenant, `globex`. */
export async function aManaged(options: HandlerOptions = {}): Promise<Managed> {
  const workload = await aWorkload({ name: 'admin' })
  const { countersign, clientId } = workload
  const host = countersign.asHost('test')
  for (const id of ['web', 'api'])
    await host.projects.ensure({ organization: ORGANIZATION, id, name: id })
  await host.organizations.ensure({ id: 'globex', name: 'Globex' })
  await bindTo(countersign, clientId, { role: 'admin' })
  const handler = createHandler(countersign, options)
  const as = async (held: Held): Promise<Manager> => {
    const somebody = await another(countersign, { name: 'somebody' })
    await bindTo(countersign, somebody.clientId, held)
    return managerOf(handler, somebody)
  }
  return { ...workload, ...(await managerOf(handler, workload)), handler, as }
}

async function bindTo(countersign: Countersign, identity: string, held: Held): Promise<void> {
  const { roleBindings } = countersign.asHost('test')
  const shared = { organization: ORGANIZATION, subject: { identity } }
  if (held.role !== undefined) await roleBindings.create({ ...shared, role: held.role as 'admin' })
  if (held.rules !== undefined) await roleBindings.create({ ...shared, rules: held.rules })
  if (held.inWeb !== undefined)
    await roleBindings.create({ ...shared, project: 'web', rules: held.inWeb })
}

async function managerOf(
  handler: Handler,
  { login, clientId }: Pick<Workload, 'login' | 'clientId'>,
): Promise<Manager> {
  const { accessToken } = await login(HOME)
  const call = callerOf(handler, { authorization: `Bearer ${accessToken}` })
  return { call, ok: okOf(call), clientId, accessToken }
}

/** Calls a handler with these headers on every request, and holds each answer to its contract. */
export function callerOf(handler: Handler, always: Readonly<Record<string, string>>): Call {
  return async (method, path, body, headers = {}) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await ask(handler, path, {
      method,
      headers: { ...always, ...json, ...headers },
      ...(body !== undefined && { body: streamOf(text) }),
    })
    expectContract(answer)
    return answer
  }
}

/** Reads answers that must be 200. */
export function okOf(call: Call): Manager['ok'] {
  return async (method, path, body) => {
    const answer = await call(method, path, body)
    if (answer.status !== 200) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
    return bodyOf(answer)
  }
}
