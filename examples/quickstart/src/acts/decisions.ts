import { strict as assert } from 'node:assert'
import { setTimeout } from 'node:timers/promises'
import type { Explanation, RuleSource } from '@countersign/core'
import { say, title } from '../narrator.ts'
import type { Stage } from '../stage.ts'
import { organization } from '../stage.ts'
import type { Login } from './four-steps.ts'

const inProd = { project: 'web', environment: 'prod', path: '/apps/api/db' }
const inDev = { ...inProd, environment: 'dev' }
const DEV = '/api/projects/web/secrets/dev/apps/api/db'

/** A yes, a no with its reasons, and a role that ends by itself. */
export async function showDecisions(stage: Stage, login: Login): Promise<void> {
  title('Why it may, and why not')
  const { countersign, workload } = stage
  const principal = await countersign.authenticate(login.accessToken, {})
  const allowed = principal.explain('secret:read', inProd)
  assert(allowed.reason === 'granted')
  say('It may read secrets of prod in web', ...reasonsOf(allowed))

  const refused = await workload.read(DEV, login.accessToken)
  assert.equal(refused.status, 403)
  say(`GET ${DEV} answers 403`, JSON.stringify(refused.body['details']))

  const explained = principal.explain('secret:read', inDev)
  assert(explained.reason === 'not_granted')
  say('The engine knows what came nearest', ...reasonsOf(explained))
  await lend(stage, login)
}

/** Lends a role for two seconds. Nobody takes it away: the window ends, for the token that is already there. */
async function lend(
  { countersign, workload }: Stage,
  { identity, accessToken }: Login,
): Promise<void> {
  title('A role for a while')
  const principal = await countersign.authenticate(accessToken, {})
  const { until } = await countersign.asHost('quickstart').roleBindings.create({
    organization,
    project: 'web',
    subject: { identity },
    role: 'viewer',
    for: '2s',
  })
  const during = await workload.read(DEV, accessToken)
  assert.equal(during.status, 200)
  say(
    'It is a viewer of web for two seconds: the same GET answers 200',
    `until ${instantOf(until)}`,
  )

  while (principal.can('secret:read', inDev)) await setTimeout(20)
  const after = await workload.read(DEV, accessToken)
  assert.equal(after.status, 403)
  say(
    'Now the window is over: the same GET, by the same token, answers 403',
    `at ${instantOf(new Date())}`,
  )
}

function reasonsOf({ by, nearest }: Explanation): readonly string[] {
  if (by !== undefined) return [describe(by)]
  if (nearest === undefined) return ['nothing comes near']
  const misses = nearest.misses.map((miss) =>
    miss.kind === 'attribute' ? miss.attribute : miss.kind,
  )
  return [describe(nearest), `missed: ${misses.join(', ')}`]
}

function describe({ role = 'rules of its own', scope, index, rule }: RuleSource): string {
  return `rule ${index} of ${role} in ${scope.project ?? scope.organization}: ${JSON.stringify(rule)}`
}

function instantOf(date: Date | undefined): string {
  return date?.toISOString().slice(11, 23) ?? 'the end of time'
}
