import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import type { PlainRule, Question } from '../workload/permissions.ts'

/**
 * Cedar with policies that are parsed once, and all that a question says in its context: no entities, no schema.
 *
 * To be loaded in a process of its own: beside other code it has aborted Node 20.
 */
export function createCedar(rules: readonly PlainRule[]): (question: Question) => boolean {
  const parsed = preparsePolicySet(NAME, { staticPolicies: rules.map(toPolicy).join('\n') })
  if (parsed.type === 'failure') throw new Error(parsed.errors.map(({ message }) => message).join())
  return ({ action, environment, path }) => {
    const answer = statefulIsAuthorized({
      principal: { type: 'Worker', id: 'worker' },
      action: { type: 'Action', id: action },
      resource: { type: 'Secret', id: 'secret' },
      context: { environment, path },
      preparsedPolicySetId: NAME,
      validateRequest: false,
      entities: [],
    })
    if (answer.type === 'failure')
      throw new Error(answer.errors.map(({ message }) => message).join())
    return answer.response.decision === 'allow'
  }
}

const NAME = 'rules'

function toPolicy({ effect, action, environments, glob }: PlainRule): string {
  const head = `${effect === 'allow' ? 'permit' : 'forbid'} (principal, action == Action::"${action}", resource)`
  const list = JSON.stringify(environments)
  return `${head} when { ${list}.contains(context.environment) && (${toLike(glob)}) };`
}

/** Cedar's `*` takes slashes too: what has one more of them than a glob is left out. */
function toLike(glob: string): string {
  if (glob.endsWith('/**')) {
    const folder = glob.slice(0, -3)
    return `context.path == "${folder}" || context.path like "${folder}/*"`
  }
  const stars = [...glob.matchAll(/\*/g)].map(({ index }) => index)
  const wider = stars.map(
    (at) => `!(context.path like "${glob.slice(0, at)}*/*${glob.slice(at + 1)}")`,
  )
  return [`context.path like "${glob}"`, ...wider].join(' && ')
}
