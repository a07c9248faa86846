import { expect } from 'vitest'
import type { Management } from '../../src/engine/manage/management.ts'
import type { CountersignError } from '../../src/errors.ts'
import { isCountersignError } from '../../src/errors.ts'
import type { Identity } from '../../src/model/identity.ts'
import type { Principal } from '../../src/model/permission/principal.ts'
import type { RoleBinding, Subject } from '../../src/model/role-binding.ts'
import type { Rule } from '../../src/model/rule.ts'
import { resources } from '../permission/naive.ts'
import type { EngineGiven, TestEngine } from './engine.ts'
import { anEngine } from './engine.ts'
import { aWorkload } from './workload.ts'

/** What somebody holds: a role in code, or rules, in the organization or in a project. */
export type Held = ({ readonly role: string } | { readonly rules: readonly Rule[] }) & {
  readonly project?: string
  readonly from?: Date
  readonly until?: Date
}

/** The ways in which somebody can stand before an engine. */
export const KINDS = ['an identity', 'a vouched user', 'a stored user'] as const

export type Kind = (typeof KINDS)[number]

/** Somebody who holds something, and manages on its own word. */
export interface Actor {
  readonly principal: Principal
  readonly subject: Subject
  readonly manage: Management
  /** Asks anew what it holds; a vouched user stays as it is. */
  can(permission: string, said?: object): boolean
}

/** An engine with a vocabulary, in which `acme` has the projects `one` and `two`. */
export async function aHouse(given: EngineGiven = {}): Promise<TestEngine> {
  const engine = anEngine({ resources, ...given })
  await engine.host.organizations.ensure({ id: 'acme', name: 'Acme' })
  for (const id of ['one', 'two'])
    await engine.host.projects.ensure({ organization: 'acme', id, name: id })
  return engine
}

/** Rules that allow some permissions. */
export function allowing(...allow: readonly string[]): { readonly rules: readonly Rule[] } {
  return { rules: [{ allow } as Rule] }
}

/** Binds what somebody shall hold, on the host's word. */
export async function bindTo(
  { host }: Pick<TestEngine, 'host'>,
  { kind, id }: Subject,
  held: readonly Held[],
): Promise<readonly RoleBinding[]> {
  const subject = kind === 'identity' ? { identity: id } : { user: id }
  const bindings: RoleBinding[] = []
  for (const one of held)
    bindings.push(
      await host.roleBindings.create({ organization: 'acme', subject, ...one } as never),
    )
  return bindings
}

let users = 0

/** Somebody of a kind who holds what it is told to. */
export async function anActor(
  house: TestEngine,
  kind: Kind,
  held: readonly Held[],
): Promise<Actor> {
  const { countersign } = house
  const principal = await aPrincipal(house, kind, held)
  const subject: Subject =
    principal.kind === 'identity'
      ? { kind: 'identity', id: principal.identity }
      : { kind: 'user', id: principal.user }
  return {
    principal,
    subject,
    manage: countersign.as(principal) as unknown as Management,
    can: (permission, said = {}) => canOf(principal, permission, said),
  }
}

/** Asks in words that only the test knows to be right. */
export function canOf(principal: Principal, permission: string, said: object = {}): boolean {
  return (principal.can as (permission: string, said: object) => boolean)(permission, said)
}

async function aPrincipal(
  house: TestEngine,
  kind: Kind,
  held: readonly Held[],
): Promise<Principal> {
  const { countersign } = house
  users += 1
  const claim = { user: `u_${users}`, organization: 'acme' }
  switch (kind) {
    case 'a vouched user':
      return countersign.principalFor({ ...claim, bindings: held as never })
    case 'a stored user':
      await bindTo(house, { kind: 'user', id: claim.user }, held)
      return countersign.principalFor({ ...claim, bindings: 'stored' })
    case 'an identity': {
      const { identity, login } = await aWorkload({ engine: house, identity: { name: 'actor' } })
      await bindTo(house, { kind: 'identity', id: identity.id }, held)
      const { accessToken } = await login()
      return countersign.authenticate(accessToken, { address: '192.0.2.1' })
    }
  }
}

/** An identity that holds something, with universal auth and a secret. */
export async function aTarget(
  house: TestEngine,
  held: readonly Held[] = [],
  given: Partial<Identity> = {},
): Promise<Identity> {
  const { identity } = await house.host.identities.create({
    organization: 'acme',
    name: 'target',
    ...given,
    authMethod: { method: 'universal' },
  } as never)
  await bindTo(house, { kind: 'identity', id: identity.id }, held)
  return identity
}

/** Runs what must be refused, and holds it to its contract: nothing is written but the one event of the denial. */
export async function deniedBy(
  { recorded }: Pick<TestEngine, 'recorded'>,
  attempt: () => Promise<unknown>,
): Promise<CountersignError> {
  const before = (await recorded()).length
  const error = await errorOf(attempt)
  expect(error.code).toBe('permission_denied')
  const written = (await recorded()).slice(before)
  expect(written.map(({ type, reason }) => [type, reason])).toEqual([
    ['permission.denied', error.reason],
  ])
  return error
}

/** The words of a refusal: why the caller is told that it may not. */
export async function refusalWords(
  engine: Pick<TestEngine, 'recorded'>,
  attempt: () => Promise<unknown>,
): Promise<string> {
  const { reason, details, message } = await deniedBy(engine, attempt)
  return `${reason} ${details?.['refusal']}: ${message}`
}

export const MISSING = 'forbidden missing_permission: A permission for this is missing'
export const ROLE_EXCEEDS =
  'privilege_boundary role_exceeds: The role is more privileged than you are'
export const TARGET_EXCEEDS =
  'privilege_boundary target_exceeds: The target is more privileged than you are, or is yourself'

/** The error that something ends in. */
export async function errorOf(attempt: () => Promise<unknown>): Promise<CountersignError> {
  const answer = await attempt().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (isCountersignError(answer)) return answer
  throw new Error(`It was not refused: ${String(answer)}`, { cause: answer })
}
