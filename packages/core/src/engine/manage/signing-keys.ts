import { notFound } from '../../errors.ts'
import type {
  NoConditions,
  RevokedSigningKey,
  SigningKeyRotation,
} from '../../input/signing-key.ts'
import { noConditions, revokedSigningKey, signingKeyRotation } from '../../input/signing-key.ts'
import { later } from '../../lib/time.ts'
import { phaseOf } from '../../model/signing-key.ts'
import type { StoredSigningKey } from '../../ports/key-store.ts'
import type { Stores } from '../../ports/storage.ts'
import type { ListedSigningKey } from '../rotate-keys.ts'
import { keyEvent, PUBLISH_LEAD, rotate, toListedKey } from '../rotate-keys.ts'
import { makeStoredKey } from '../stored-keys.ts'
import type { CommandsOf, Desk } from './command.ts'

/** Manages the signing keys of a deployment, on the host's word alone. */
export interface SigningKeys {
  /** All keys, oldest first. */
  list(query?: NoConditions): Promise<readonly ListedSigningKey[]>
  /**
   * Makes the next key. It is published at once, signs when every cache can know it, and the key before it is checked
   * until its last token has ended. `conflict` while a rotation is under way.
   */
  rotate(rotation?: SigningKeyRotation): Promise<ListedSigningKey>
  /** Takes a key away at once, with every token that it signed: for a key that leaked. Another one signs from now on. */
  revoke(key: RevokedSigningKey): Promise<void>
}

/** What managing signing keys takes and does. */
export const signingKeyCommands: CommandsOf<SigningKeys> = {
  list: {
    input: noConditions,
    permission: 'signing-key:read',
    run: async ({ storage, clock }) => {
      const now = clock.now()
      return (await storage.keys.list()).keys.map((key) => toListedKey(key, now))
    },
  },
  rotate: {
    input: signingKeyRotation,
    permission: 'signing-key:rotate',
    run: (desk, { lead = PUBLISH_LEAD }) => rotate(desk, lead),
  },
  revoke: {
    input: revokedSigningKey,
    permission: 'signing-key:revoke',
    run: revoke,
  },
}

async function revoke(desk: Desk, { kid }: RevokedSigningKey): Promise<void> {
  const now = desk.clock.now()
  const replacement = await makeStoredKey(desk, desk.algorithm, { createdAt: now, activeFrom: now })
  if (!(await desk.storage.keys.remove(kid, [keyEvent(desk, kid, 'revoked')])))
    throw notFound('signing key')
  if (!(await hasActiveKey(desk.storage, now))) await replace(desk, replacement)
}

/** Puts a key to work at once: as the first of an empty ring, or before a key that is still only published. */
async function replace(desk: Desk, replacement: StoredSigningKey): Promise<void> {
  const { keys } = desk.storage
  const created = [keyEvent(desk, replacement.kid, 'created')]
  const newest = (await keys.list()).keys.at(-1)
  if (newest === undefined) await keys.ensure(replacement, created)
  else
    await keys.succeed(
      {
        kid: newest.kid,
        successor: replacement,
        retiresAt: later(desk.clock.now(), desk.maxTokenAge),
      },
      created,
    )
}

async function hasActiveKey({ keys }: Stores, now: Date): Promise<boolean> {
  return (await keys.list()).keys.some((key) => phaseOf(key, now) === 'active')
}
