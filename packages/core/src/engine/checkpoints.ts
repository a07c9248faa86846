import { isCountersignError } from '../errors.ts'
import { expiryOf } from '../lib/expiry.ts'
import { later } from '../lib/time.ts'
import { ENGINE } from '../model/actor.ts'
import type { Checkpoint } from '../model/chain.ts'
import type { EventDraft } from '../model/event.ts'
import type { CheckpointNeed, UncheckedChain } from '../ports/trail.ts'
import { extendCheckpoint } from './extend-checkpoint.ts'
import type { Parts } from './parts.ts'

type CheckpointParts = Pick<
  Parts,
  'issuer' | 'trail' | 'storage' | 'keys' | 'clock' | 'stamp' | 'audit' | 'runtime'
>

/** Signs what has grown, and forgets what is old enough; answers whether that was all. */
export type KeepCheckpoints = () => Promise<boolean>

/** Events behind a checkpoint that make the next one due, however young they are. */
const CHECKPOINT_EVENTS = 1000
/** Seconds after which events make the next checkpoint due, however few they are. */
const CHECKPOINT_EVERY = 60
/** Chains signed in one pass. */
const AT_ONCE = 100
/** Seconds between two looks for events that are old enough to be forgotten. */
const FORGET_EVERY = 3600
/** Seconds that a witness may take. */
const WITNESS_DEADLINE = 10

/** Creates what keeps checkpoints. Any number of nodes may do it: of two checkpoints the one that reaches further stays. */
export function createKeepCheckpoints(parts: CheckpointParts): KeepCheckpoints {
  const { trail, clock, audit } = parts
  const broken = new Set<string | undefined>()
  let newest: string | undefined
  let isAnotherKeyLeft = false
  let forgetAt = new Date(0)

  function needOf(forgetBefore: Date | undefined): CheckpointNeed {
    return {
      events: CHECKPOINT_EVENTS,
      since: later(clock.now(), -(audit.checkpointEvery ?? CHECKPOINT_EVERY)),
      ...(forgetBefore !== undefined && { forgetBefore }),
      ...(isAnotherKeyLeft && newest !== undefined && { kid: newest }),
    }
  }

  async function sign(due: readonly UncheckedChain[], before: Date | undefined): Promise<void> {
    const signer = await parts.keys.signer()
    const signed: Checkpoint[] = []
    for (const chain of due) {
      const extension = { chain, signer, now: clock.now(), forgetBefore: before }
      const made = await extendCheckpoint(parts, extension)
      if ('kind' in made && (await isOvertaken(parts, chain))) continue
      if ('kind' in made) broken.add(chain.organization)
      else signed.push(made.checkpoint)
      await tell(parts, chain.organization, made)
    }
    if (!(await isWitnessed(parts, signed))) return
    for (const checkpoint of signed) await trail.checkpoint(checkpoint)
    isAnotherKeyLeft ||= signer.kid !== newest
    newest = signer.kid
  }

  return async function keepCheckpoints() {
    const now = clock.now()
    const { retention } = audit
    const isForgetting = retention !== undefined && now >= forgetAt
    const forgetBefore = isForgetting ? later(now, -retention) : undefined
    const found = await trail.unchecked(needOf(forgetBefore), AT_ONCE + broken.size)
    // A chain that does not hold is told once and left as it is: a signature would only help whoever broke it.
    const due = found.filter(({ organization }) => !broken.has(organization))
    if (due.length === 0) isAnotherKeyLeft = false
    else if (!(await isPossible(sign(due, forgetBefore)))) return true
    if (due.length >= AT_ONCE) return false
    if (forgetBefore === undefined) return true
    const forgotten = await forget(parts, forgetBefore)
    if (forgotten === 0) forgetAt = later(now, FORGET_EVERY)
    return forgotten === 0
  }
}

/** Whether another node signed the chain meanwhile, and may have forgotten what this one was looking for. */
async function isOvertaken(
  { trail }: CheckpointParts,
  { organization, checkpoint }: UncheckedChain,
): Promise<boolean> {
  const present = (await trail.chain(organization)).checkpoint
  return present?.jws !== checkpoint?.jws
}

/** A signer that is away holds up no event: what is due stays due. */
async function isPossible(signing: Promise<void>): Promise<boolean> {
  try {
    await signing
    return true
  } catch (error) {
    if (isCountersignError(error) && error.code === 'unavailable') return false
    throw error
  }
}

/** Notes what nobody should overlook: a chain that does not hold, or one that was signed on its own word. */
async function tell(
  { storage, stamp }: CheckpointParts,
  organization: string | undefined,
  made: Awaited<ReturnType<typeof extendCheckpoint>>,
): Promise<void> {
  const common = {
    actor: ENGINE,
    target: { kind: 'trail', id: organization ?? 'deployment' },
  } as const
  const drafts: EventDraft[] = []
  if ('kind' in made)
    drafts.push({
      ...common,
      type: 'trail.broken',
      reason: made.kind,
      details: { index: made.index },
    })
  else if (made.unknownKey !== undefined)
    drafts.push({ ...common, type: 'trail.resigned', details: { kid: made.unknownKey } })
  if (drafts.length > 0) await storage.outbox.append(drafts.map(stamp))
}

/** Whether the host's witness has taken the checkpoints: without that they are not stored, and so made again. */
async function isWitnessed(
  { audit: { witness }, runtime }: CheckpointParts,
  checkpoints: readonly Checkpoint[],
): Promise<boolean> {
  if (witness === undefined || checkpoints.length === 0) return true
  try {
    await Promise.race([witness(checkpoints), expiryOf(runtime.deadline(WITNESS_DEADLINE))])
    return true
  } catch {
    return false
  }
}

async function forget({ trail, storage, stamp }: CheckpointParts, before: Date): Promise<number> {
  const events = await trail.forget(before)
  if (events === 0) return 0
  const target = { kind: 'trail', id: 'deployment' } as const
  const details = { events, before: before.toISOString() }
  await storage.outbox.append([stamp({ type: 'trail.forgotten', actor: ENGINE, target, details })])
  return events
}
