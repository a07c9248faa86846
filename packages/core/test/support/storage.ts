import type { LoginStore } from '../../src/ports/login-store.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { TokenStore } from '../../src/ports/token-store.ts'

/** Puts something else in the place of some verbs of the login store. */
export function withLogins(
  storage: Storage,
  change: (logins: LoginStore) => Partial<LoginStore>,
): Storage {
  return { ...storage, logins: { ...storage.logins, ...change(storage.logins) } }
}

/** Puts something else in the place of some verbs of the token store. */
export function withTokens(
  storage: Storage,
  change: (tokens: TokenStore) => Partial<TokenStore>,
): Storage {
  return { ...storage, tokens: { ...storage.tokens, ...change(storage.tokens) } }
}

/** An authority that can be cut off, and comes back. */
export interface Outage {
  readonly around: (storage: Storage) => Storage
  begin(...verbs: readonly string[]): void
  end(): void
}

/** Creates an outage: the verbs that it names, like `tokens.revoke`, throw; all of them where it names none. */
export function createOutage(): Outage {
  let refused: readonly string[] | undefined

  function cut(member: unknown, name: string): unknown {
    if (typeof member === 'object' && member !== null)
      return Object.fromEntries(
        Object.entries(member).map(([verb, run]) => [verb, cut(run, `${name}.${verb}`)]),
      )
    if (typeof member !== 'function') return member
    return async (...values: readonly unknown[]) => {
      if (refused?.length === 0 || refused?.includes(name)) throw new Error('connection refused')
      return member(...values)
    }
  }

  function cutAll<Members extends object>(stores: Members): Members {
    const members = Object.entries(stores).map(([name, member]) => [name, cut(member, name)])
    return Object.fromEntries(members) as Members
  }

  return {
    around(storage) {
      // A connection that is cut is cut inside a transaction as well.
      const transaction: Storage['transaction'] = (run) =>
        storage.transaction((stores) => run(cutAll(stores)))
      return {
        ...cutAll(storage),
        transaction: cut(transaction, 'transaction') as typeof transaction,
      }
    },
    begin(...verbs) {
      refused = verbs
    },
    end() {
      refused = undefined
    },
  }
}
