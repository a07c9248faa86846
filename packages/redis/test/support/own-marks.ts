import type { Storage } from '@countersign/core/plugin'

/** Decorates a storage so that a node remembers by itself which evidence it has seen, and asks nobody: it is wrong. */
export function withOwnMarks(storage: Storage): Storage {
  const seen = new Set<string>()
  return {
    ...storage,
    logins: {
      ...storage.logins,
      async grant(grant, now, events) {
        const keys = grant.charges.flatMap((charge) => (charge.kind === 'once' ? [charge.key] : []))
        if (keys.some((key) => seen.has(key))) return 'evidence_replayed'
        for (const key of keys) seen.add(key)
        const charges = grant.charges.filter(({ kind }) => kind !== 'once')
        return storage.logins.grant({ ...grant, charges }, now, events)
      },
    },
  }
}
