import { invalidRequest, unavailable } from '../../errors.ts'
import type { AuthMethodSettings, NamedAuthMethod } from '../../input/auth-method.ts'
import type { NewIdentity } from '../../input/identity.ts'
import type { AuthMethod } from '../../model/auth-method.ts'
import { expiryOf, VERIFIER_DEADLINE } from '../appraise.ts'
import type { Desk } from './command.ts'
import { readChangedPolicy, readNewPolicy, verifierOf } from './policy-settings.ts'

/** Throws `invalid_request` where the policy of a new auth method cannot work, as far as its verifier can tell. */
export async function probeNewPolicy(
  desk: Desk,
  organization: string,
  settings: NamedAuthMethod,
): Promise<void> {
  const { method } = settings
  if (verifierOf(desk, method).refusePolicy === undefined) return
  const { whole } = await readNewPolicy(desk, { organization, method }, settings)
  await assertWorks(desk, method, whole)
}

/** Throws `invalid_request` where the method that comes with a new identity cannot work. */
export async function probeFirstMethod(
  desk: Desk,
  { organization, authMethod }: NewIdentity,
): Promise<void> {
  if (authMethod !== undefined) await probeNewPolicy(desk, organization, authMethod)
}

/** Throws `invalid_request` where a changed policy cannot work; what is not changed is not asked about. */
export async function probeChangedPolicy(
  desk: Desk,
  standing: AuthMethod | undefined,
  settings: AuthMethodSettings,
): Promise<void> {
  const isChanged = settings.policy !== undefined || settings.template !== undefined
  if (standing === undefined || !isChanged) return
  const { method } = standing
  if (verifierOf(desk, method).refusePolicy === undefined) return
  const { whole } = await readChangedPolicy(desk, standing, settings)
  await assertWorks(desk, method, whole)
}

/** Has a verifier say whether a policy works, or what a template holds; `unavailable` where it could not tell. */
export async function assertWorks(desk: Desk, method: string, policy: unknown): Promise<void> {
  const { runtime } = desk
  const verifier = verifierOf(desk, method)
  const signal = runtime.deadline(VERIFIER_DEADLINE)
  const context = { signal, fetch: runtime.fetch }
  const answer = Promise.race([verifier.refusePolicy?.(policy, context), expiryOf(signal)])
  const problem = await answer.catch((error: unknown) => {
    throw unavailable(error)
  })
  if (problem !== undefined) throw invalidRequest(problem)
}
