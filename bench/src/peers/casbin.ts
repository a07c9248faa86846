import { newEnforcer, newModelFromString } from 'casbin'
import type { PlainRule, Question } from '../workload/permissions.ts'
import type { MatchGlob } from './casl.ts'

/**
 * casbin by its synchronous way, with lists of environments that are split once. Its own `globMatch` compiles in each
 * check, and does not take a folder for one of its files: so it is told how to match.
 */
export async function createCasbin(
  rules: readonly PlainRule[],
  matchGlob: MatchGlob,
): Promise<(question: Question) => boolean> {
  const enforcer = await newEnforcer(newModelFromString(MODEL))
  await enforcer.addFunction('isIn', createMemoisedLists())
  await enforcer.addFunction('isMatched', matchGlob)
  await enforcer.addPolicies(
    rules.map(({ effect, action, environments, glob }) => [
      action,
      environments.join(' '),
      glob,
      effect,
    ]),
  )
  return ({ action, environment, path }) => enforcer.enforceSync(action, environment, path)
}

const MODEL = `
[request_definition]
r = act, env, path
[policy_definition]
p = act, envs, glob, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = r.act == p.act && isIn(r.env, p.envs) && isMatched(r.path, p.glob)
`

function createMemoisedLists(): (text: string, list: string) => boolean {
  const lists = new Map<string, readonly string[]>()
  return (text, list) => {
    const known = lists.get(list) ?? list.split(' ')
    lists.set(list, known)
    return known.includes(text)
  }
}
