import type { ChainLink, Checkpoint } from '../model/chain.ts'
import { CHAIN_START } from '../model/chain.ts'
import type { ChainFault } from '../model/chain-fault.ts'
import type { Signer } from '../ports/signer.ts'
import type { UncheckedChain } from '../ports/trail.ts'
import type { CheckpointTrust } from './checkpoint-form.ts'
import { readCheckpoint, signCheckpoint } from './checkpoint-form.ts'
import type { Parts } from './parts.ts'
import { walkChain } from './walk-chain.ts'

/** A chain that is about to be signed. */
export interface Extension {
  readonly chain: UncheckedChain
  readonly signer: Signer
  readonly now: Date
  /** What is older may be let go. */
  readonly forgetBefore?: Date | undefined
}

/** A checkpoint that goes on from the last one. */
export interface Extended {
  readonly checkpoint: Checkpoint
  /** The key of the last one, where the ring does not have it any more, so that its own word was all there was. */
  readonly unknownKey?: string
}

/**
 * Signs how far a chain reaches, after hashing anew all that came since the last checkpoint: what was changed before it, or
 * does not go on from it, is never signed.
 */
export async function extendCheckpoint(
  { issuer, trail, keys }: Pick<Parts, 'issuer' | 'trail' | 'keys'>,
  { chain, signer, now, forgetBefore }: Extension,
): Promise<Extended | ChainFault> {
  const { organization, head } = chain
  const last = await findLast({ issuer, keys }, chain)
  if ('kind' in last) return last
  const { anchor, unknownKey } = last
  const fault = await walkOn(trail, chain, last)
  if (fault !== undefined) return fault
  const cut = await findCut(trail, chain, forgetBefore)
  const checkpoint = await signCheckpoint(issuer, signer, {
    ...head,
    ...(organization !== undefined && { organization }),
    anchor: cut !== undefined && cut.index > anchor.index ? cut : anchor,
    at: now,
  })
  return { checkpoint, ...(unknownKey !== undefined && { unknownKey }) }
}

interface Last {
  readonly anchor: ChainLink
  /** How far the last checkpoint reached, and its anchor where there is none. */
  readonly link: ChainLink
  readonly unknownKey?: string
}

async function findLast(
  trust: CheckpointTrust,
  { organization, checkpoint }: UncheckedChain,
): Promise<Last | ChainFault> {
  if (checkpoint === undefined) return { anchor: CHAIN_START, link: CHAIN_START }
  const read = await readCheckpoint(trust, checkpoint.jws)
  if (read === 'unknown_key')
    return { anchor: checkpoint.anchor, link: checkpoint, unknownKey: checkpoint.kid }
  if (typeof read === 'string' || read.organization !== organization)
    return { kind: 'forged', index: checkpoint.index }
  return { anchor: read.anchor, link: read }
}

/** Behind what a key of ours signed, all is hashed anew; what a key that is gone signed, from its beginning. */
async function walkOn(
  trail: Pick<Parts['trail'], 'links'>,
  { organization, head }: UncheckedChain,
  { anchor, link, unknownKey }: Last,
): Promise<ChainFault | undefined> {
  if (link.index > head.index) return { kind: 'truncated', index: head.index + 1 }
  if (link.index === head.index && link.hash !== head.hash)
    return { kind: 'rewritten', index: head.index }
  const from = unknownKey === undefined ? link : anchor
  const marks = new Map([head, link].map(({ index, hash }) => [index, hash]))
  return walkChain(trail, { organization, from, to: head.index, marks })
}

/** How far a chain may be let go. The event at that place tells its age; when it was sealed is only the storage's word. */
async function findCut(
  trail: Pick<Parts['trail'], 'links'>,
  { organization, head, cut }: UncheckedChain,
  forgetBefore: Date | undefined,
): Promise<ChainLink | undefined> {
  if (cut === undefined || forgetBefore === undefined || cut.index > head.index) return undefined
  const [sealed] = await trail.links(organization, cut.index - 1, 1)
  const isOld = sealed?.index === cut.index && sealed.event.at < forgetBefore
  return isOld && sealed.hash === cut.hash ? cut : undefined
}
