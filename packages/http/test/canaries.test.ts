import { createHandler } from '@countersign/http'
import { describe, expect, test } from 'vitest'
import { leaksIn, outputOf, printsOf } from '../../core/test/support/canaries.ts'
import { DETAILS, JWKS, LOGIN, RENEW, REVOKE } from './cases/case.ts'
import type { Answer } from './support/answer.ts'
import { bodyOf } from './support/answer.ts'
import { ask, askJson, streamOf } from './support/ask.ts'
import type { Workload } from './support/workload.ts'
import { aWorkload } from './support/workload.ts'

const WRONG = 'cst_cs_C4n4ryWr0ngpX7qLm2Zt9VbKs5RdW8yHf3GjN6cUaEoTi1x'
const TYPES = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  none: 'text/plain',
}

/** Requests that fail, with a good secret and a wrong one wherever a client could put them by mistake. */
function failing(good: string, token: string): readonly (readonly [string, unknown])[] {
  return [
    [LOGIN, { clientId: 'x', clientSecret: WRONG }],
    [LOGIN, { clientId: good, clientSecret: WRONG }],
    [LOGIN, { clientId: [good], clientSecret: { [good]: good } }],
    [LOGIN, { clientId: good.repeat(20), clientSecret: good }],
    [LOGIN, { clientId: 'x', clientSecret: good.repeat(20) }],
    [LOGIN, { clientId: 'x', clientSecret: `${good}\0` }],
    [LOGIN, { [good]: WRONG }],
    [LOGIN, [good]],
    [LOGIN, good],
    [RENEW, { accessToken: good }],
    [RENEW, { accessToken: [token] }],
    [RENEW, { accessToken: `${token}x` }],
    [RENEW, { [token]: token }],
    [REVOKE, { accessToken: { token } }],
  ]
}

async function answersOf(workload: Workload, heard: unknown[]): Promise<readonly Answer[]> {
  const { countersign, clientId, clientSecret, login } = workload
  const handler = createHandler(countersign, { onError: (error) => heard.push(error) })
  const { accessToken } = await login()
  const wellMade = failing(clientSecret, accessToken).map(([path, body]) =>
    askJson(handler, path, body),
  )
  const spoilt = Object.values(TYPES).flatMap((type) =>
    [`{"clientSecret":"${clientSecret}`, `clientSecret=${clientSecret}&clientSecret=${WRONG}`].map(
      (text) => ask(handler, LOGIN, { headers: { 'content-type': type }, body: streamOf(text) }),
    ),
  )
  const headers = [clientSecret, `Bearer ${WRONG}`, `Bearer ${accessToken}x`, `Basic ${clientId}`]
  const asked = [DETAILS, RENEW].flatMap((path) =>
    headers.map((authorization) =>
      ask(handler, path, {
        method: path === DETAILS ? 'GET' : 'POST',
        headers: { authorization, 'x-request-id': `${clientSecret} ${accessToken}` },
      }),
    ),
  )
  const inTarget = [
    ask(handler, `${LOGIN}?clientSecret=${clientSecret}`, {}),
    ask(handler, `${JWKS}?access_token=${accessToken}`, { method: 'GET' }),
  ]
  return Promise.all([...wellMade, ...spoilt, ...asked, ...inTarget])
}

describe('the HTTP surface', () => {
  test('LOG-001 LOG-004 answers no request with a credential of it, and tells nobody of one', async () => {
    const workload = await aWorkload({ lockout: 'off' })
    const heard: unknown[] = []
    let answers: readonly Answer[] = []
    const output = await outputOf(async () => {
      answers = await answersOf(workload, heard)
    })
    const statuses = new Set(answers.map(({ status }) => status))
    expect([...statuses].sort()).toEqual([200, 400, 401, 415])
    const { accessToken } = await workload.login()
    const secrets = [workload.clientSecret, WRONG, accessToken]
    expect(output).toBe('')
    expect(heard).toEqual([])
    for (const answer of answers) {
      expect(leaksIn(printsOf(answer), secrets)).toEqual([])
      expect(answer.body).not.toContain('C4n4ry')
    }
  })

  test('LOG-001 hands a token out in the body of one answer, and a secret in none', async () => {
    const { countersign, clientId, clientSecret } = await aWorkload()
    const answer = await askJson(createHandler(countersign), LOGIN, { clientId, clientSecret })
    const accessToken = String(bodyOf(answer)['accessToken'])
    expect(leaksIn(printsOf(answer), [clientSecret])).toEqual([])
    expect(leaksIn(JSON.stringify(answer.headers), [accessToken])).toEqual([])
    expect(answer.body.split(accessToken).length).toBe(2)
  })
})
