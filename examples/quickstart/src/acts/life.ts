import { strict as assert } from 'node:assert'
import { say, title } from '../narrator.ts'
import type { Stage } from '../stage.ts'
import { organization } from '../stage.ts'
import type { Answer } from '../workload.ts'
import type { Login } from './four-steps.ts'

const SECRET = '/api/projects/web/secrets/prod/apps/api/db'

/** How a login ends: by a revocation. How it does not begin: by guesses at its secret. */
export async function showLife(stage: Stage, login: Login): Promise<void> {
  title('How tokens live and end')
  const { workload } = stage
  const stranger = await workload.read(SECRET)
  assert.equal(stranger.status, 401)
  say('Without a token a route answers 401', String(stranger.body['message']))

  const first = tokenOf(await workload.logIn(login.identity, login.clientSecret))
  const renewed = tokenOf(await workload.renew(first))
  assert.equal((await workload.read(SECRET, renewed)).status, 200)
  say('Another login is renewed, and its new token opens the route as well')

  assert.equal((await workload.revoke(first)).status, 200)
  for (const token of [first, renewed])
    assert.equal((await workload.read(SECRET, token)).status, 401)
  say('It is revoked: its token and the renewed one are refused with 401')
  await lockOut(stage, login)
}

function tokenOf({ status, body }: Answer): string {
  assert.equal(status, 200)
  return String(body['accessToken'])
}

async function lockOut({ workload, countersign }: Stage, login: Login): Promise<void> {
  const { identity, clientSecret } = login
  for (const attempt of ['first', 'second', 'third']) {
    const refused = await workload.logIn(identity, 'a-wrong-secret')
    assert.equal(refused.status, 401)
    if (attempt === 'third')
      say('Three logins with a wrong secret answer 401', String(refused.body['message']))
  }
  const locked = await workload.logIn(identity, clientSecret)
  assert.equal(locked.status, 401)
  assert(locked.retryAfter > 290 && locked.retryAfter <= 300)
  say(
    `Now even the right one is refused for ${locked.retryAfter} s`,
    String(locked.body['message']),
  )

  await countersign.asHost('quickstart').lockouts.clear({ organization, identity })
  assert.equal((await workload.logIn(identity, clientSecret)).status, 200)
  say('The host clears the lockout, and the right secret opens again')
}
