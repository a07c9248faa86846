import type { Checkpoint } from '../model/chain.ts'
import { CHAIN_START } from '../model/chain.ts'
import type { ChainFault } from '../model/chain-fault.ts'
import type { Chain } from '../ports/trail.ts'
import type { CheckpointTrust } from './checkpoint-form.ts'
import { readCheckpoint } from './checkpoint-form.ts'
import type { Parts } from './parts.ts'
import { walkChain } from './walk-chain.ts'

/** What is wrong with the trail, and in whose chain. */
export interface TrailFault extends ChainFault {
  /** Absent for the chain of the events that belong to no organization. */
  readonly organization?: string
}

/** What verification found. */
export interface TrailVerdict {
  readonly intact: boolean
  /** How many chains were looked at: verification ends at the first that is not intact. */
  readonly chains: number
  /** The events that are sealed and kept in these chains. */
  readonly events: number
  /** Those among them that no signature of ours covers yet. */
  readonly unsigned: number
  /** Events that are committed and not sealed yet: only their transaction protects them. */
  readonly open: number
  readonly fault?: TrailFault
}

/** What verification believes beside the storage: checkpoints that a host kept elsewhere. */
export interface Trusted extends CheckpointTrust {
  readonly checkpoints: readonly Checkpoint[]
}

/** Verifies one chain, or every chain where none is named. */
export async function verifyTrail(
  { trail }: Pick<Parts, 'trail'>,
  trusted: Trusted,
  named: readonly (string | undefined)[] | undefined,
): Promise<TrailVerdict> {
  let verdict: TrailVerdict = { intact: true, chains: 0, events: 0, unsigned: 0, open: 0 }
  for await (const organization of named ?? chainsOf(trail, trusted)) {
    const found = await verifyChain(trail, trusted, organization)
    verdict = {
      intact: found.intact,
      chains: verdict.chains + 1,
      events: verdict.events + found.events,
      unsigned: verdict.unsigned + found.unsigned,
      open: verdict.open + found.open,
      ...(found.fault !== undefined && { fault: found.fault }),
    }
    if (!verdict.intact) return verdict
  }
  return verdict
}

/** Every chain that there is, and those that a checkpoint says there were. */
async function* chainsOf(
  trail: Parts['trail'],
  { checkpoints }: Trusted,
): AsyncIterable<string | undefined> {
  const vouched = new Set(checkpoints.map(({ organization }) => organization))
  vouched.add(undefined)
  yield* vouched
  let after: string | undefined
  for (;;) {
    const names = await trail.organizations(after, 500)
    after = names.at(-1)
    if (after === undefined) return
    for (const name of names) if (!vouched.has(name)) yield name
  }
}

async function verifyChain(
  trail: Parts['trail'],
  trusted: Trusted,
  organization: string | undefined,
): Promise<TrailVerdict> {
  const chain = await trail.chain(organization)
  const { head, checkpoint, open } = chain
  const { anchor = CHAIN_START } = checkpoint ?? {}
  const given = trusted.checkpoints.filter((kept) => kept.organization === organization)
  const fault = await findFault(trail, { trusted, organization, chain, given })
  if (fault !== undefined && (await hasMoved(trail, organization, anchor.index)))
    return verifyChain(trail, trusted, organization)
  const signed = Math.max(0, ...[...given, ...(checkpoint ? [checkpoint] : [])].map(indexOf))
  return {
    intact: fault === undefined,
    chains: 1,
    events: head.index - anchor.index,
    unsigned: Math.max(0, head.index - Math.max(anchor.index, signed)),
    open,
    ...(fault && { fault: { ...fault, ...(organization !== undefined && { organization }) } }),
  }
}

interface Found {
  readonly trusted: Trusted
  readonly organization: string | undefined
  readonly chain: Chain
  readonly given: readonly Checkpoint[]
}

async function findFault(
  trail: Parts['trail'],
  { trusted, organization, chain, given }: Found,
): Promise<ChainFault | undefined> {
  const { head, checkpoint } = chain
  const { anchor = CHAIN_START } = checkpoint ?? {}
  if (checkpoint !== undefined && !(await isGenuine(trusted, checkpoint, organization)))
    return { kind: 'forged', index: checkpoint.index }
  const vouched = [...given, ...(checkpoint ? [checkpoint] : [])]
  const cut = vouched.find(({ index, hash }) => index === anchor.index && hash !== anchor.hash)
  if (cut !== undefined) return { kind: 'rewritten', index: cut.index }
  // What a host kept elsewhere is believed first.
  const claims = [...vouched, head]
  const marks = new Map([...claims].reverse().map(({ index, hash }) => [index, hash]))
  const to = Math.max(...claims.map(indexOf))
  const fault = await walkChain(trail, { organization, from: anchor, to, marks })
  if (fault !== undefined) return fault
  const other = claims.find(({ index, hash }) => marks.get(index) !== hash)
  return other && { kind: 'rewritten', index: other.index }
}

/** Whether the stored checkpoint is what its own signature says. */
async function isGenuine(
  trusted: Trusted,
  checkpoint: Checkpoint,
  organization: string | undefined,
): Promise<boolean> {
  const read = await readCheckpoint(trusted, checkpoint.jws)
  if (typeof read === 'string') return false
  return (
    read.organization === organization &&
    read.index === checkpoint.index &&
    read.hash === checkpoint.hash &&
    read.anchor.index === checkpoint.anchor.index &&
    read.anchor.hash === checkpoint.anchor.hash
  )
}

/** Whether retention let events go while they were looked at. */
async function hasMoved(
  trail: Parts['trail'],
  organization: string | undefined,
  anchorIndex: number,
): Promise<boolean> {
  const { checkpoint } = await trail.chain(organization)
  return (checkpoint?.anchor.index ?? 0) !== anchorIndex
}

function indexOf({ index }: { readonly index: number }): number {
  return index
}
