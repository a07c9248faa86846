import { after } from '../lib/after.ts'
import type { Identity } from '../model/identity.ts'
import type { BoundRole } from '../model/role.ts'
import type { Cells } from '../ports/cells.ts'
import type { StaticTokenStore } from '../ports/static-token-store.ts'
import type { TokenStore } from '../ports/token-store.ts'

/** Decorates the stores that answer what a token's identity holds, so that its cell learns it. */
export function withCells<
  Stores extends { readonly tokens: TokenStore; readonly staticTokens: StaticTokenStore },
>(stores: Stores, cells: Cells): Stores {
  function learning<
    Answer extends
      | { readonly identity?: Identity; readonly bound: readonly BoundRole[] }
      | undefined,
  >(ask: () => Promise<Answer> | Answer): Promise<Answer> | Answer {
    const asked = cells.ask()
    return after(ask(), (answer) => {
      if (answer?.identity === undefined) return answer
      const { identity, bound } = answer
      const subject = { kind: 'identity', id: identity.id } as const
      cells.learn(identity.organization, { subject, identity, bound }, asked)
      return answer
    })
  }

  return {
    ...stores,
    tokens: {
      ...stores.tokens,
      find: (query, now) => learning(() => stores.tokens.find(query, now)),
    },
    staticTokens: {
      ...stores.staticTokens,
      findByDigest: (digests, now) =>
        learning(() => stores.staticTokens.findByDigest(digests, now)),
    },
  }
}
