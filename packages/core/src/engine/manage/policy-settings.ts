import { invalidRequest, notFound } from '../../errors.ts'
import type { AuthMethodSettings } from '../../input/auth-method.ts'
import { parse } from '../../input/parse.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import type { AuthTemplate } from '../../model/auth-template.ts'
import type { TemplateForm, Verifier } from '../../ports/verifier.ts'
import type { Parts } from '../parts.ts'
import { joinTemplate, keepSecrets, sealPolicy } from '../policy-secrets.ts'
import type { Desk } from './command.ts'

/** What a policy is judged and kept by. */
export type PolicyDesk = Pick<Desk, 'verifiers' | 'runtime' | 'rootKeys' | 'storage' | 'boundary'>

/** The members of an auth method that say whom it trusts. */
export type PolicyMembers = Pick<AuthMethod, 'policy' | 'template'>

type Unstated = Pick<AuthMethod, 'organization' | 'method'>

/** A policy that was read: what an auth method states by itself, and what its verifier is handed. */
export interface ReadPolicy {
  readonly own: unknown
  readonly whole: unknown
  readonly template: AuthTemplate | undefined
}

/** Reads what a caller says of a new policy, and seals its secrets. */
export async function buildPolicy(
  desk: PolicyDesk,
  method: Unstated & Pick<AuthMethod, 'id'>,
  settings: AuthMethodSettings,
): Promise<PolicyMembers> {
  return keep(desk, method, await readNewPolicy(desk, method, settings))
}

/** Reads what a caller changes of a policy, and seals its secrets. */
export async function changePolicy(
  desk: PolicyDesk,
  standing: AuthMethod,
  settings: AuthMethodSettings,
): Promise<PolicyMembers> {
  return keep(desk, standing, await readChangedPolicy(desk, standing, settings))
}

/** Reads what a caller says of a new policy. */
export async function readNewPolicy(
  desk: PolicyDesk,
  method: Unstated,
  { policy = {}, template: id }: AuthMethodSettings,
): Promise<ReadPolicy> {
  return read(desk, method, policy, await findNamed(desk, method, id))
}

/** Reads what a caller changes of a policy; what it handed back as it had read it stays as it stands. */
export async function readChangedPolicy(
  desk: PolicyDesk,
  standing: AuthMethod,
  { policy, template: id = standing.template }: AuthMethodSettings,
): Promise<ReadPolicy> {
  const template = await findNamed(desk, standing, id, standing.template)
  const own = await keepSecrets(desk, standing, policy ?? restOf(desk, standing, template))
  return read(desk, standing, own, template)
}

/** Finds the verifier of a method, or throws `invalid_request`. */
export function verifierOf({ verifiers }: Pick<Parts, 'verifiers'>, method: string): Verifier {
  const verifier = verifiers.get(method)
  if (verifier !== undefined) return verifier
  throw invalidRequest('method is not one that this engine was built with')
}

/** What a method lets templates hold, or throws `invalid_request`. */
export function templateFormOf(parts: Pick<Parts, 'verifiers'>, method: string): TemplateForm {
  const { template } = verifierOf(parts, method)
  if (template !== undefined) return template
  throw invalidRequest('method has no templates')
}

async function keep(
  desk: PolicyDesk,
  method: Unstated & Pick<AuthMethod, 'id'>,
  { own, template }: ReadPolicy,
): Promise<PolicyMembers> {
  const policy = await sealPolicy(desk, { ...method, policy: own })
  return { policy, ...(template !== undefined && { template: template.id }) }
}

/** Judges the whole policy, and tells apart what of it the auth method states by itself. */
async function read(
  desk: PolicyDesk,
  { organization, method }: Unstated,
  said: unknown,
  template: AuthTemplate | undefined,
): Promise<ReadPolicy> {
  const verifier = verifierOf(desk, method)
  if (template === undefined || !isObject(said)) {
    const whole = parse(verifier.policy, said)
    return { own: whole, whole, template }
  }
  const { members } = templateFormOf(desk, method)
  const stated = members.find((name) => Object.hasOwn(said, name))
  if (stated !== undefined) throw invalidRequest(`${stated} must not be stated beside a template`)
  // What the caller said has no secrets that are sealed yet.
  const stub = { id: template.id, organization, method, policy: {} }
  const shared = (await joinTemplate(desk, stub, template)) as object
  const whole = parse(verifier.policy, { ...said, ...shared })
  return { own: without(whole as object, members), whole, template }
}

/** The policy that stands, without what a template holds from now on. */
function restOf(
  desk: PolicyDesk,
  { method, policy }: AuthMethod,
  template: AuthTemplate | undefined,
): unknown {
  if (template === undefined || !isObject(policy)) return policy
  return without(policy, templateFormOf(desk, method).members)
}

/** Whoever names a template has its service act for it: that takes a permission of its own. */
async function findNamed(
  { storage, boundary }: PolicyDesk,
  { organization, method }: Unstated,
  id: string | undefined,
  standing?: string,
): Promise<AuthTemplate | undefined> {
  if (id === undefined || id === 'none') return undefined
  if (id !== standing) boundary.permit(['auth-template:attach'], { organization }, { organization })
  const template = await storage.authTemplates.find(organization, id)
  if (template === undefined) throw notFound('auth template')
  if (template.method !== method) throw invalidRequest('template must be one of this method')
  return template
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function without(policy: object, members: readonly string[]): object {
  return Object.fromEntries(Object.entries(policy).filter(([name]) => !members.includes(name)))
}
