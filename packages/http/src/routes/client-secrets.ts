import * as z from 'zod'
import { collect } from '../collect.ts'
import { missing } from '../invalid.ts'
import { clientSecretAnswer, limited, toClientSecretAnswer } from '../wire/credentials.ts'
import { getPath } from '../wire/paths.ts'
import { description, paging, seconds, uses } from '../wire/words.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const OF_IDENTITY = '/api/v1/auth/universal-auth/identities/:identityId' as const
const SECRETS = `${OF_IDENTITY}/client-secrets` as const
const SECRET = `${SECRETS}/:clientSecretId` as const
const one = z.strictObject({ clientSecretData: clientSecretAnswer })
const tag = 'Client secrets'

const newSecret = z.strictObject({
  description: description.default(''),
  numUsesLimit: uses.default(0),
  ttl: seconds.default(0),
})

/** The credentials of universal auth. */
export const clientSecretRoutes: readonly Route[] = [
  managed({
    id: 'create-client-secret',
    method: 'POST',
    path: SECRETS,
    tag,
    summary: 'Mints a client secret, which is shown this once.',
    permission: 'credential:create',
    body: newSecret,
    example: { body: { description: 'ci', numUsesLimit: 0, ttl: 2_592_000 } },
    bodyOptional: true,
    answer: z.strictObject({ clientSecret: z.string(), clientSecretData: clientSecretAnswer }),
    repeats: (answer) => String(getPath(answer, 'clientSecretData.id')),
    async run({ manage, organization, params, body }) {
      const minted = await manage.clientSecrets.create({
        organization,
        identity: params.identityId,
        description: body.description,
        ...limited('maxUses', body.numUsesLimit),
        ...limited('ttl', body.ttl),
      })
      const { clientSecret } = minted
      return { clientSecret, clientSecretData: toClientSecretAnswer(minted) }
    },
  }),
  managed({
    id: 'list-client-secrets',
    method: 'GET',
    path: SECRETS,
    tag,
    summary: 'Lists the client secrets that were not revoked.',
    permission: 'credential:read',
    query: z.strictObject(paging(1000, 1000)),
    answer: z.strictObject({ clientSecretData: z.array(clientSecretAnswer) }),
    async run({ manage, organization, params, query }) {
      const list = { organization, identity: params.identityId }
      const found = await collect((page) => manage.clientSecrets.list({ ...list, ...page }), {
        ...query,
        keep: ({ revoked }) => revoked === undefined,
      })
      return { clientSecretData: found.map(toClientSecretAnswer) }
    },
  }),
  managed({
    id: 'get-client-secret',
    method: 'GET',
    path: SECRET,
    tag,
    summary: 'Shows what is known of a client secret.',
    permission: 'credential:read',
    answer: one,
    run: async (call) => ({ clientSecretData: toClientSecretAnswer(await getSecret(call)) }),
  }),
  managed({
    id: 'revoke-client-secret',
    method: 'POST',
    path: `${SECRET}/revoke`,
    tag,
    summary: 'Takes a client secret back, with every token that it opened.',
    permission: 'credential:delete',
    answer: one,
    async run(call) {
      const { id } = await getSecret(call)
      const { organization, manage } = call
      const revoked = await manage.clientSecrets.revoke({ organization, id })
      return { clientSecretData: toClientSecretAnswer(revoked) }
    },
  }),
]

/** A secret of another identity than the path says is not there. */
async function getSecret({
  manage,
  organization,
  params,
}: Pick<Managing<'identityId' | 'clientSecretId'>, 'manage' | 'organization' | 'params'>) {
  const secret = await manage.clientSecrets.get({ organization, id: params.clientSecretId })
  if (secret.identity !== params.identityId) throw missing('client secret')
  return secret
}
