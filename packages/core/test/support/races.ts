import { refuseClientSecret } from '../../src/model/client-secret.ts'
import type { Storage } from '../../src/ports/storage.ts'
import type { Gate } from './gate.ts'
import { withLogins, withTokens } from './storage.ts'

/** Lets nobody decide a login before all have read; the first `ungated` reads pass. */
export function withGatedLogins(storage: Storage, gate: Gate, ungated = 0): Storage {
  let reads = 0
  return withLogins(storage, ({ find }) => ({
    async find(query, now) {
      const state = await find(query, now)
      reads += 1
      if (reads > ungated) await gate()
      return state
    },
  }))
}

/** Lets nobody spend a use before all have been judged. */
export function withGatedSpending(storage: Storage, gate: Gate): Storage {
  return withTokens(storage, ({ spend }) => ({
    async spend(query, limit, events) {
      await gate()
      return spend(query, limit, events)
    },
  }))
}

/** A saboteur: it reads the uses of a secret, then writes them. */
export function usesThenCounts(storage: Storage): Storage {
  return withLogins(storage, ({ grant }) => ({
    async grant(wanted, now, events) {
      const [charge] = wanted.charges
      if (charge?.kind !== 'use') return grant(wanted, now, events)
      const secret = await storage.clientSecrets.find(wanted.organization, charge.credential)
      const refusal = secret && refuseClientSecret(secret, now)
      if (refusal !== undefined) return refusal
      await new Promise((resolve) => setImmediate(resolve))
      const late = await grant(wanted, now, events)
      return late === 'secret_exhausted' ? grant({ ...wanted, charges: [] }, now, events) : late
    },
  }))
}

/** A saboteur: it reads the uses of a login, then writes them. */
export function spendsThenCounts(storage: Storage): Storage {
  return withTokens(storage, ({ find, spend }) => ({
    async spend(query, limit, events) {
      const { uses = limit } = await find(query, await storage.now())
      if (uses >= limit) return false
      await new Promise((resolve) => setImmediate(resolve))
      await spend(query, limit, events)
      return true
    },
  }))
}
