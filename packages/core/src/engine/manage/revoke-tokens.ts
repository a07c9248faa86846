import type { IdentityKey } from '../../input/identity.ts'
import type { Desk } from './command.ts'
import { createKeeper } from './keeper.ts'

const keeper = createKeeper('identity', (stores) => stores.identities)

/** Ends every token of an identity, static ones too. */
export async function revokeTokens(desk: Desk, { organization, id }: IdentityKey): Promise<void> {
  const reason = 'tokens_revoked'
  const revocation = { at: desk.clock.now(), reason, by: desk.actor }
  await keeper.update(desk, [organization, id], {
    apply: ({ generation }) => ({ generation: generation + 1 }),
    event: () =>
      desk.note({ type: 'token.revoked', organization, target: { kind: 'identity', id } }),
    async tidy({ id: identity }) {
      const target = { kind: 'identity', id: identity } as const
      const event = desk.note({ type: 'static_token.revoked', organization, target, reason })
      await desk.storage.staticTokens.revokeAll({ organization, identity }, revocation, [event])
    },
  })
}
