import { conflict, invalidRequest } from '../../errors.ts'
import type { ChainKey, EventList, TrailVerification } from '../../input/event.ts'
import { chainKey, eventList, trailVerification } from '../../input/event.ts'
import { defined } from '../../lib/defined.ts'
import type { JsonWebKey, SigningAlgorithm } from '../../lib/signing-key.ts'
import { importVerifyingKey } from '../../lib/signing-key.ts'
import type { Checkpoint } from '../../model/chain.ts'
import type { Event } from '../../model/event.ts'
import type { TrailFilter } from '../../ports/trail.ts'
import type { CheckpointTrust } from '../checkpoint-form.ts'
import { readCheckpoint } from '../checkpoint-form.ts'
import { extendCheckpoint } from '../extend-checkpoint.ts'
import type { VerifyingKey } from '../keys.ts'
import type { TrailVerdict } from '../verify-trail.ts'
import { verifyTrail } from '../verify-trail.ts'
import type { CommandsOf, Desk } from './command.ts'
import type { Page } from './page.ts'
import { pageOf } from './page.ts'

/** Shows the audit trail. */
export interface Events {
  /** Sealed events, the newest first: what happened up to about a second ago. */
  list(query: EventList): Promise<Page<Event>>
}

/** Shows and proves the audit trail, on the host's word alone. */
export interface HostEvents extends Events {
  /**
   * Hashes chains anew, and names the first event that was changed, removed or put in. With checkpoints that were kept
   * elsewhere it also finds what somebody with all rights on the storage has cut off or rewritten.
   */
  verify(verification?: TrailVerification): Promise<TrailVerdict>
  /** Signs how far a chain reaches at this moment: to be kept elsewhere. `conflict` where the chain does not hold. */
  checkpoint(chain?: ChainKey): Promise<Checkpoint>
}

/** What showing the audit trail takes and does. */
export const eventCommands: CommandsOf<Events> = {
  list: {
    input: eventList,
    permission: 'event:read',
    scopeOf: ({ organization = '' }) => ({ organization }),
    run: list,
  },
}

/** What proving the audit trail takes and does. */
export const hostEventCommands: CommandsOf<HostEvents> = {
  ...eventCommands,
  verify: {
    input: trailVerification,
    permission: 'event:read',
    scopeOf: () => ({ organization: '' }),
    run: verify,
  },
  checkpoint: {
    input: chainKey,
    permission: 'event:read',
    scopeOf: () => ({ organization: '' }),
    run: checkpoint,
  },
}

async function list(desk: Desk, { limit, cursor, ...conditions }: EventList): Promise<Page<Event>> {
  const filter: TrailFilter = defined(conditions)
  const page = defined({ limit, cursor })
  return pageOf('events', { page: (query) => pageOfTrail(desk, query) }, page, filter)
}

async function pageOfTrail(
  { trail }: Desk,
  {
    filter,
    limit,
    after,
  }: {
    readonly filter: TrailFilter
    readonly limit: number
    readonly after?: { readonly id: string }
  },
) {
  const before = after === undefined ? {} : { before: Number(after.id) }
  const sealed = await trail.page({ filter, limit: limit + 1, ...before })
  const shown = sealed.slice(0, limit)
  const last = shown.at(-1)
  return {
    rows: shown.map(({ event }) => event),
    ...(last && sealed.length > limit && { next: { value: '', id: String(last.index) } }),
  }
}

async function verify(
  desk: Desk,
  { organization, checkpoints = [], olderKeys = [] }: TrailVerification,
): Promise<TrailVerdict> {
  const older = new Map(await Promise.all(olderKeys.map(toVerifyingKey)))
  const trust = { issuer: desk.issuer, keys: desk.keys, older }
  const believed = await Promise.all(checkpoints.map((jws, place) => believe(trust, jws, place)))
  const named = organization === undefined ? undefined : [organization]
  return verifyTrail(desk, { ...trust, checkpoints: believed }, named)
}

async function believe(trust: CheckpointTrust, jws: string, place: number): Promise<Checkpoint> {
  const read = await readCheckpoint(trust, jws)
  if (read === 'unknown_key')
    throw invalidRequest(
      `checkpoints[${place}] is signed by a key that is not in the JWKS any more; hand its public key over in olderKeys`,
    )
  if (typeof read === 'string')
    throw invalidRequest(`checkpoints[${place}] must be a checkpoint that this deployment signed`)
  return read
}

async function toVerifyingKey(jwk: JsonWebKey, place: number): Promise<[string, VerifyingKey]> {
  const { kid, alg } = jwk
  const algorithm = ALGORITHMS.find((known) => known === alg)
  if (kid === undefined || algorithm === undefined)
    throw invalidRequest(`olderKeys[${place}] must be an entry of a JWKS of this deployment`)
  try {
    return [kid, { kid, algorithm, verify: await importVerifyingKey(jwk, algorithm) }]
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw invalidRequest(`olderKeys[${place}] must be an entry of a JWKS of this deployment`)
  }
}

/** A symmetric key is in no JWKS. */
const ALGORITHMS: readonly SigningAlgorithm[] = ['EdDSA', 'ES256', 'RS256']

async function checkpoint(desk: Desk, { organization }: ChainKey): Promise<Checkpoint> {
  const { trail, keys, clock } = desk
  const { head, checkpoint: last } = await trail.chain(organization)
  const chain = { head, ...defined({ organization, checkpoint: last }) }
  const signer = await keys.signer()
  const made = await extendCheckpoint(desk, { chain, signer, now: clock.now() })
  if ('kind' in made) throw conflict('The chain does not hold; verify() says where')
  await trail.checkpoint(made.checkpoint)
  return made.checkpoint
}
