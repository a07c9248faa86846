import type { Rule } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import type { Adapter } from './adapter.ts'
import { bodyOf, expectContract } from './support/answer.ts'
import type { Given, Served } from './support/serving.ts'
import { servingIn } from './support/serving.ts'

const RULES: readonly Rule[] = [
  { allow: ['secret:read'], where: { environment: 'prod', path: { glob: '/apps/**' } } },
]

const QUESTION = { project: 'web', environment: 'prod', path: '/apps/api' }

/** Binds rules to the workload in the project `web`, and makes a project where it holds nothing. */
async function bindInWeb({ countersign, organization, clientId }: Served): Promise<void> {
  const host = countersign.asHost('test')
  await host.projects.ensure({ organization, id: 'web', name: 'Web' })
  await host.projects.ensure({ organization, id: 'api', name: 'API' })
  const subject = { identity: clientId }
  await host.roleBindings.create({ organization, project: 'web', subject, rules: RULES })
}

function targetOf(question: Readonly<Record<string, string>>): string {
  return `/secret?${new URLSearchParams(question)}`
}

/** Holds an adapter to what `guard.can` promises. */
export function describePermissions({ name, create, withoutDetails = false }: Adapter): void {
  const serving = servingIn(create)

  /** A host whose workload holds `RULES` in the project `web`, and its token. */
  const holding = (
    run: (served: Served & { readonly accessToken: string }) => Promise<void>,
    given: Given = {},
  ) =>
    serving(async (served) => {
      await bindInWeb(served)
      await run({ ...served, accessToken: (await served.login()).accessToken })
    }, given)

  describe(`${name}, can()`, () => {
    test('a principal that may passes, and the route knows who it is', () =>
      holding(async ({ askAs, accessToken, clientId }) => {
        const answer = await askAs(accessToken, targetOf(QUESTION))
        expect(answer.status).toBe(200)
        expect(bodyOf(answer)).toEqual({ identity: clientId })
      }))

    test('one that may not is answered 403, and told which permission it lacks where', async () => {
      const runs: string[] = []
      await holding(
        async ({ askAs, accessToken, organization }) => {
          const answer = await askAs(accessToken, targetOf({ ...QUESTION, project: 'api' }))
          expect(answer.status).toBe(403)
          expectContract(answer)
          expect(answer.headers['www-authenticate']).toBe(
            'Bearer realm="countersign", error="insufficient_scope", error_description="The request needs more than the access token allows"',
          )
          expect(bodyOf(answer)).toMatchObject({
            error: 'Forbidden',
            message: 'A permission for this is missing',
            ...(!withoutDetails && {
              details: {
                refusal: 'missing_permission',
                permission: 'secret:read',
                scope: { organization, project: 'api' },
              },
            }),
          })
          expect(runs).toEqual([])
        },
        { ran: (path) => runs.push(path) },
      )
    })

    test.each([
      ['another environment', targetOf({ ...QUESTION, environment: 'dev' })],
      ['a path outside', targetOf({ ...QUESTION, path: '/infra' })],
      ['a path that is not canonical', targetOf({ ...QUESTION, path: '/apps/../infra' })],
      ['a path with a null character', targetOf({ ...QUESTION, path: '/apps/\0' })],
      ['no path', targetOf({ project: 'web', environment: 'prod' })],
      ['no project', targetOf({ environment: 'prod', path: '/apps/api' })],
      ['an empty project', targetOf({ ...QUESTION, project: '' })],
      ['a project twice', `${targetOf(QUESTION)}&project=api`],
      ['a path twice', `${targetOf(QUESTION)}&path=%2Fapps`],
      [
        'members of an object',
        targetOf({ ...QUESTION, project: '__proto__', path: 'constructor' }),
      ],
    ])('a question with %s is answered 403, and never 500', (_what, target) =>
      holding(async ({ askAs, accessToken }) => {
        const answer = await askAs(accessToken, target)
        expect(answer.status).toBe(403)
        expectContract(answer)
      }),
    )

    test('a question about another organization is answered 404, and one about its own decided', () =>
      holding(async ({ askAs, accessToken, organization }) => {
        for (const other of ['globex', '', organization.toUpperCase()]) {
          const answer = await askAs(accessToken, targetOf({ ...QUESTION, organization: other }))
          expect(answer.status).toBe(404)
          expectContract(answer)
        }
        const own = await askAs(accessToken, targetOf({ ...QUESTION, organization }))
        expect(own.status).toBe(200)
      }))

    test('nobody is asked anything: 401 comes before every question', () =>
      holding(async ({ ask }) => {
        for (const path of ['/secret', '/confused', '/later']) {
          const answer = await ask({ path })
          expect(answer.status).toBe(401)
          expectContract(answer)
        }
      }))

    test('a question may depend on the principal', () =>
      holding(async ({ askAs, accessToken, countersign, organization, clientId: id }) => {
        const host = countersign.asHost('test')
        const rules: readonly Rule[] = [{ allow: ['secret:read'] }]
        const subject = { identity: id }
        await host.roleBindings.create({ organization, project: 'api', subject, rules })
        expect((await askAs(accessToken, '/own')).status).toBe(403)
        await host.identities.update({ organization, id, metadata: { project: 'api' } })
        expect((await askAs(accessToken, '/own')).status).toBe(200)
      }))

    test('what a question throws, and one that is a promise, is a mistake of the host: 500', () =>
      holding(async ({ askAs, accessToken, countersign, organization, clientId }) => {
        const rules: readonly Rule[] = [{ allow: ['invoice:*'] }]
        const subject = { identity: clientId }
        await countersign.asHost('test').roleBindings.create({ organization, subject, rules })
        for (const path of ['/confused', '/later'])
          expect((await askAs(accessToken, path)).status).toBe(500)
        expect((await askAs(accessToken, '/invoice')).status).toBe(200)
      }))

    test('a change of what it holds reaches the very next request', () =>
      holding(async ({ askAs, accessToken, countersign, organization, clientId: identity }) => {
        const host = countersign.asHost('test')
        const question = targetOf({ ...QUESTION, project: 'api' })
        await host.projects.add({ organization, project: 'api', identity, roles: ['admin'] })
        expect((await askAs(accessToken, question)).status).toBe(200)
        await host.projects.remove({ organization, project: 'api', identity })
        expect((await askAs(accessToken, question)).status).toBe(403)
      }))

    test('USE-005 a request spends one use, also where the permission is denied or two guards ask', () =>
      holding(
        async ({ askAs, accessToken }) => {
          const statuses = []
          for (let count = 0; count < 3; count += 1)
            statuses.push((await askAs(accessToken, '/invoice')).status)
          statuses.push((await askAs(accessToken, targetOf(QUESTION))).status)
          expect(statuses).toEqual([403, 403, 403, 401])
        },
        { tokenPolicy: { maxUses: 3 } },
      ))
  })
}
