import type { Identity } from '@countersign/core'
import * as z from 'zod'
import { missing } from '../invalid.ts'
import { fromMetadata, isShown, oneIdentity, toIdentityAnswer } from '../wire/identity.ts'
import { flag, id, metadata, name, role } from '../wire/words.ts'
import type { Managing, Route } from './route.ts'
import { managed } from './route.ts'

const IDENTITIES = '/api/v1/identities' as const
const IDENTITY = `${IDENTITIES}/:identityId` as const
const tag = 'Identities'

const settings = {
  hasDeleteProtection: flag.optional(),
  metadata: metadata.optional(),
}

/** Makes, changes and deletes the identities of an organization. */
export const identityRoutes: readonly Route[] = [
  managed({
    id: 'create-identity',
    method: 'POST',
    path: IDENTITIES,
    tag,
    summary: 'Makes an identity, with its role in the organization.',
    permission: 'identity:create',
    body: z.strictObject({
      ...settings,
      name,
      organizationId: id.optional(),
      role: role.default('no-access'),
    }),
    answer: oneIdentity,
    example: {
      body: { name: 'nightly-deploy', role: 'member' },
      answer: {
        identity: {
          id: 'idn_01jne7k3w8e0r3x2s6y9v4b5c7',
          name: 'nightly-deploy',
          authMethod: null,
          orgId: 'acme',
          projectId: null,
          hasDeleteProtection: false,
          authMethods: [],
          metadata: [],
          createdAt: '2026-03-01T12:00:00.000Z',
          updatedAt: '2026-03-01T12:00:00.000Z',
        },
      },
    },
    repeats: 'answered',
    async run({ manage, organization, body }) {
      assertOwn(organization, body.organizationId)
      const { identity } = await manage.identities.create({
        organization,
        name: body.name,
        role: body.role,
        ...fromSettings(body),
      })
      return { identity: toIdentityAnswer(identity) }
    },
  }),
  managed({
    id: 'update-identity',
    method: 'PATCH',
    path: IDENTITY,
    tag,
    summary:
      'Changes an identity; a role takes the place of every one it holds in the organization.',
    permission: 'identity:update',
    body: z.strictObject({ ...settings, name: name.optional(), role: role.optional() }),
    answer: oneIdentity,
    async run(call) {
      const { manage, organization, params, body } = call
      const identity = await manage.identities.update({
        organization,
        id: params.identityId,
        ...(body.name !== undefined && { name: body.name }),
        ...(body.role !== undefined && { role: body.role }),
        ...fromSettings(body),
      })
      return describe(call, identity)
    },
  }),
  managed({
    id: 'delete-identity',
    method: 'DELETE',
    path: IDENTITY,
    tag,
    summary: 'Deletes an identity with its credentials and bindings; 409 while it is protected.',
    permission: 'identity:delete',
    answer: oneIdentity,
    async run(call) {
      const { manage, organization, params } = call
      const key = { organization, id: params.identityId }
      const described = await describe(call, await manage.identities.get(key))
      await manage.identities.delete(key)
      return described
    },
  }),
]

/** What is said of an identity beside its name, in the engine's words. */
export function fromSettings(body: {
  readonly hasDeleteProtection?: boolean | undefined
  readonly metadata?: Parameters<typeof fromMetadata>[0]
}): Pick<Partial<Identity>, 'deleteProtection' | 'metadata'> {
  const { hasDeleteProtection } = body
  return {
    ...(hasDeleteProtection !== undefined && { deleteProtection: hasDeleteProtection }),
    ...fromMetadata(body.metadata),
  }
}

/** Answers an identity, with the methods by which it may log in as far as the caller may read them. */
export async function describe(
  call: Pick<Managing, 'manage' | 'principal' | 'organization' | 'slugOf'>,
  identity: Identity,
): Promise<object> {
  const { manage, principal, organization, slugOf } = call
  const { id: key, project } = identity
  if (!principal.canSometimes('identity:read', { project }))
    return { identity: toIdentityAnswer(identity) }
  const scope = project === undefined ? {} : { project }
  const entry = await manage.directory.get({ organization, ...scope, id: key })
  const shown = isShown(entry) ? entry.authMethods.map(slugOf) : []
  return { identity: toIdentityAnswer(identity, shown) }
}

/** The organization is the caller's own: another one that is named is, for this caller, nowhere. */
export function assertOwn(organization: string, named: string | undefined): void {
  if (named !== undefined && named !== organization) throw missing('organization')
}
