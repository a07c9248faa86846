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

type Unstated = Pick<AuthMethod, 'id' | 'organization' | 'method'>

/** Reads what a caller says of a new policy, and seals its secrets. */
export async function buildPolicy(
  desk: PolicyDesk,
  method: Unstated,
  { policy = {}, template: id }: AuthMethodSettings,
): Promise<PolicyMembers> {
  return keep(desk, method, policy, await findNamed(desk, method, id))
}

/** Reads what a caller changes of a policy; what it handed back as it had read it stays as it stands. */
export async function changePolicy(
  desk: PolicyDesk,
  standing: AuthMethod,
  { policy, template: id = standing.template }: AuthMethodSettings,
): Promise<PolicyMembers> {
  const template = await findNamed(desk, standing, id, standing.template)
  const own = await keepSecrets(desk, standing, policy ?? restOf(desk, standing, template))
  return keep(desk, standing, own, template)
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
  method: Unstated,
  own: unknown,
  template: AuthTemplate | undefined,
): Promise<PolicyMembers> {
  const policy = await parseOwn(desk, method, own, template)
  const sealed = await sealPolicy(desk, { ...method, policy })
  return { policy: sealed, ...(template !== undefined && { template: template.id }) }
}

/** Judges the whole policy, and answers what of it the auth method states by itself. */
async function parseOwn(
  desk: PolicyDesk,
  { organization, method }: Unstated,
  own: unknown,
  template: AuthTemplate | undefined,
): Promise<unknown> {
  const verifier = verifierOf(desk, method)
  if (template === undefined || !isObject(own)) return parse(verifier.policy, own)
  const { members } = templateFormOf(desk, method)
  const stated = members.find((name) => Object.hasOwn(own, name))
  if (stated !== undefined) throw invalidRequest(`${stated} must not be stated beside a template`)
  // What the caller said has no secrets that are sealed yet.
  const stub = { id: template.id, organization, method, policy: {} }
  const shared = (await joinTemplate(desk, stub, template)) as object
  return without(parse(verifier.policy, { ...own, ...shared }) as object, members)
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
