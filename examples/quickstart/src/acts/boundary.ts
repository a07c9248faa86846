import { strict as assert } from 'node:assert'
import type { Witness } from '@countersign/core'
import { isCountersignError } from '@countersign/core'
import { say, title } from '../narrator.ts'
import type { Stage } from '../stage.ts'
import { organization } from '../stage.ts'

/** A person who manages identities of one project, and gives no more than she holds. */
export async function showBoundary({ countersign }: Stage): Promise<void> {
  title('Nobody gives more than they hold')
  const ada = countersign.principalFor({
    user: 'ada',
    organization,
    bindings: [
      {
        project: 'web',
        rules: [
          { allow: ['identity:create', 'identity:assign', 'credential:create'] },
          {
            allow: ['secret:read'],
            where: { environment: 'prod', path: { glob: '/apps/shop/**' } },
          },
        ],
      },
    ],
  })
  const { identities, roleBindings } = countersign.as(ada)
  const { identity } = await identities.create({ organization, project: 'web', name: 'shop' })
  await roleBindings.create({
    organization,
    project: 'web',
    subject: { identity: identity.id },
    rules: [
      {
        allow: ['secret:read'],
        where: { environment: 'prod', path: { glob: '/apps/shop/images/*' } },
      },
    ],
  })
  say(
    'Ada, a user of the host, manages identities of web and reads what is below /apps/shop',
    `she registers ${identity.name}, and lets it read /apps/shop/images/*`,
  )

  const escalation = { organization, project: 'web', name: 'shop-2', role: 'deployer' } as const
  const refusal: unknown = await identities.create(escalation).catch((error: unknown) => error)
  assert(isCountersignError(refusal) && refusal.code === 'permission_denied')
  const { refusal: kind, witness } = refusal.details ?? {}
  assert.equal(kind, 'role_exceeds')
  const { request } = witness as Witness
  say(
    'She may not register a deployer, which reads all below /apps',
    `${refusal.code}: ${refusal.message}`,
    `it could do what she cannot: ${request.permission} of ${JSON.stringify(request.attributes)}`,
  )
}
