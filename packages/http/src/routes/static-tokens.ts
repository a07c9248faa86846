import { isCountersignError } from '@countersign/core'
import * as z from 'zod'
import { collect } from '../collect.ts'
import { missing } from '../invalid.ts'
import {
  lifetimeOf,
  staticTokenAnswer,
  toStaticTokenAnswer,
  usualsOf,
} from '../wire/credentials.ts'
import { UNBOUNDED } from '../wire/grant.ts'
import { getPath } from '../wire/paths.ts'
import { id, name, paging } from '../wire/words.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const PREFIX = '/api/v1/auth/token-auth' as const
const TOKENS = `${PREFIX}/identities/:identityId/tokens` as const
const TOKEN = `${PREFIX}/tokens/:tokenId` as const
const METHOD = { method: 'token', slug: 'token-auth' }
const tag = 'Static tokens'
const one = z.strictObject({ token: staticTokenAnswer })

/** The credentials of token auth: bearers as they stand. */
export const staticTokenRoutes: readonly Route[] = [
  managed({
    id: 'create-static-token',
    method: 'POST',
    path: TOKENS,
    tag,
    summary: 'Mints a static token, which is shown this once, for as long as token auth says.',
    permission: 'credential:create',
    body: z.strictObject({ name: name.default('Token'), organizationSlug: id.optional() }),
    bodyOptional: true,
    answer: z.strictObject({
      accessToken: z.string(),
      expiresIn: z.int(),
      accessTokenMaxTTL: z.int(),
      tokenType: z.literal('Bearer'),
      tokenData: staticTokenAnswer,
    }),
    repeats: (answer) => String(getPath(answer, 'tokenData.id')),
    run: mint,
  }),
  managed({
    id: 'list-static-tokens',
    method: 'GET',
    path: TOKENS,
    tag,
    summary:
      'Lists the static tokens of an identity, those that are over too until they are swept.',
    permission: 'credential:read',
    query: z.strictObject(paging(100, 20)),
    answer: z.strictObject({ tokens: z.array(staticTokenAnswer) }),
    async run({ manage, organization, params, query }) {
      const list = { organization, identity: params.identityId }
      const found = await collect((page) => manage.staticTokens.list({ ...list, ...page }), query)
      return { tokens: found.map(toAnswer) }
    },
  }),
  managed({
    id: 'get-static-token',
    method: 'GET',
    path: TOKEN,
    tag,
    summary: 'Shows what is known of a static token.',
    permission: 'credential:read',
    answer: one,
    run: async (call) => ({ token: toAnswer(await call.manage.staticTokens.get(keyOf(call))) }),
  }),
  managed({
    id: 'get-static-token-of-identity',
    method: 'GET',
    path: `${TOKENS}/:tokenId`,
    tag,
    summary: 'Shows what is known of a static token of an identity.',
    permission: 'credential:read',
    answer: one,
    deprecated: true,
    async run(call) {
      const token = await call.manage.staticTokens.get(keyOf(call))
      if (token.identity !== call.params.identityId) throw missing('static token')
      return { token: toAnswer(token) }
    },
  }),
  managed({
    id: 'update-static-token',
    method: 'PATCH',
    path: TOKEN,
    tag,
    summary: 'Gives a static token another name.',
    permission: 'credential:create',
    body: z.strictObject({ name: name.optional() }),
    answer: one,
    async run(call) {
      const { manage, body } = call
      const key = keyOf(call)
      const token =
        body.name === undefined
          ? await manage.staticTokens.get(key)
          : await manage.staticTokens.update({ ...key, name: body.name })
      return { token: toAnswer(token) }
    },
  }),
  managed({
    id: 'revoke-static-token',
    method: 'POST',
    path: `${TOKEN}/revoke`,
    tag,
    summary: 'Takes a static token back by its id, with every token that it was exchanged for.',
    permission: 'credential:delete',
    answer: z.strictObject({ message: z.string() }),
    async run(call) {
      await call.manage.staticTokens.revoke(keyOf(call))
      return { message: 'Successfully revoked access token' }
    },
  }),
]

type Keyed = Pick<Managing<'tokenId'>, 'organization' | 'params'>

function keyOf({ organization, params }: Keyed) {
  return { organization, id: params.tokenId }
}

function toAnswer(token: Parameters<typeof toStaticTokenAnswer>[0]): object {
  return toStaticTokenAnswer(token, METHOD.slug)
}

type Minting = Managing<
  'identityId',
  { readonly name: string; readonly organizationSlug?: string | undefined }
>

async function mint(call: Minting): Promise<object> {
  const { manage, organization, params, body } = call
  if (body.organizationSlug !== undefined && body.organizationSlug !== organization)
    throw missing('organization')
  const minted = await manage.staticTokens.create({
    organization,
    identity: params.identityId,
    name: body.name,
    ...(await usuals(call)),
  })
  const lifetime = lifetimeOf(minted)
  return {
    accessToken: minted.staticToken,
    expiresIn: lifetime ?? UNBOUNDED,
    accessTokenMaxTTL: lifetime ?? UNBOUNDED,
    tokenType: 'Bearer',
    tokenData: toAnswer(minted),
  }
}

/**
 * On this wire the settings of token auth say how its tokens live. Whoever may mint one needs no permission to read them:
 * nothing of it is told before the engine has judged the minting itself.
 */
async function usuals({ engine, organization, params }: Minting) {
  const { authMethods } = engine.asHost('http: settings of a static token')
  const { method } = METHOD
  try {
    return usualsOf(await authMethods.get({ organization, identity: params.identityId, method }))
  } catch (error) {
    if (!isCountersignError(error) || error.code !== 'not_found') throw error
    return {}
  }
}
