import { isCountersignError } from '../errors.ts'
import { later } from '../lib/time.ts'
import { ENGINE } from '../model/actor.ts'
import { phaseOf } from '../model/signing-key.ts'
import type { Parts } from './parts.ts'
import { resealKeys } from './root-keys.ts'
import { PUBLISH_LEAD, rotate } from './rotate-keys.ts'

/** Keeps the signing keys in order: sealed by the newest root key, and replaced when they have signed long enough. */
export async function keepKeys(parts: Parts): Promise<void> {
  await resealKeys(parts)
  if (parts.rotateEvery === undefined || !(await isRotationDue(parts))) return
  const note = (draft: Parameters<Parts['stamp']>[0]) => parts.stamp(draft)
  try {
    await rotate({ ...parts, note: (draft) => note({ ...draft, actor: ENGINE }) }, PUBLISH_LEAD)
  } catch (error) {
    // Another node was first, which is as good.
    if (!isCountersignError(error) || error.code !== 'conflict') throw error
  }
}

async function isRotationDue({
  storage,
  clock,
  rotateEvery = 0,
  algorithm,
}: Parts): Promise<boolean> {
  const now = clock.now()
  const newest = (await storage.keys.list()).keys.at(-1)
  if (newest === undefined || phaseOf(newest, now) !== 'active') return false
  return newest.algorithm !== algorithm || now >= later(newest.activeFrom, rotateEvery)
}
