import { invalidRequest } from '../errors.ts'
import { later } from '../lib/time.ts'
import { ENGINE } from '../model/actor.ts'
import type { RootKeyUse } from '../ports/root-key-store.ts'
import type { Stores } from '../ports/storage.ts'
import type { Parts } from './parts.ts'
import { resealStoredKey, rootKeyOf } from './stored-keys.ts'

/** What depends on one root key: when nothing does, it can be taken away. */
export interface RootKeyStatus extends RootKeyUse {
  /** Whether this engine has it. */
  readonly present: boolean
  /** Whether it makes new digests and seals. */
  readonly newest: boolean
  readonly signingKeys: number
}

/** What looking at root keys takes. */
export interface RootKeyDesk extends Pick<Parts, 'rootKeys' | 'clock'> {
  readonly storage: Pick<Stores, 'rootKeys' | 'keys'>
}

/** What depends on which root key. */
export async function rootKeyStatus({
  storage,
  rootKeys,
  clock,
}: RootKeyDesk): Promise<readonly RootKeyStatus[]> {
  const uses = await storage.rootKeys.uses(clock.now())
  const sealedBy = (await storage.keys.list()).keys.map(({ sealed }) => rootKeyOf(sealed))
  const present = rootKeys.map(({ id }) => id)
  const named = new Set([...present, ...uses.map(({ rootKey }) => rootKey), ...sealedBy])
  return [...named].map((rootKey) => ({
    clientSecrets: 0,
    staticTokens: 0,
    ...uses.find((use) => use.rootKey === rootKey),
    rootKey,
    present: present.includes(rootKey),
    newest: rootKey === present[0],
    signingKeys: sealedBy.filter((id) => id === rootKey).length,
  }))
}

/** Refuses to work without a root key that something depends on, unless it is retired for good. */
export async function checkRootKeys(parts: Parts): Promise<void> {
  for (const status of await rootKeyStatus(parts)) {
    const { rootKey, present, clientSecrets, staticTokens, signingKeys } = status
    if (present || clientSecrets + staticTokens + signingKeys === 0) continue
    if (!parts.retiredRootKeys.includes(rootKey))
      throw invalidRequest(
        `rootKeys lacks the key ${rootKey}, on which ${clientSecrets} client secrets, ${staticTokens} static tokens and ` +
          `${signingKeys} signing keys depend; name it in retiredRootKeys to revoke them`,
      )
    await retire(parts, rootKey)
  }
}

async function retire(parts: Parts, rootKey: string): Promise<void> {
  const { storage, clock, stamp, maxTokenAge } = parts
  const now = clock.now()
  const reason = 'root_key_retired'
  const target = { kind: 'root_key', id: rootKey } as const
  const event = stamp({ type: 'root_key.retired', actor: ENGINE, target, reason })
  const lost = (await storage.keys.list()).keys.filter(
    ({ sealed }) => rootKeyOf(sealed) === rootKey,
  )
  await storage.transaction(async (stores) => {
    const revocation = { at: now, reason, by: ENGINE }
    await stores.rootKeys.retire({ rootKey, revocation, until: later(now, maxTokenAge) }, [event])
    for (const { kid } of lost) {
      const revoked = stamp({
        type: 'signing_key.revoked',
        actor: ENGINE,
        target: { kind: 'signing_key', id: kid },
        reason,
      })
      await stores.keys.remove(kid, [revoked])
    }
  })
}

/** Seals every signing key by the newest root key; what was sealed by it already costs nothing. */
export async function resealKeys(parts: Parts): Promise<void> {
  for (const stored of (await parts.storage.keys.list()).keys) {
    const to = await resealStoredKey(parts, stored)
    if (to !== undefined)
      await parts.storage.keys.reseal({ kid: stored.kid, from: stored.sealed, to })
  }
}
