import * as z from 'zod'
import type { SchemaOf } from '../lib/schema.ts'
import type { JsonWebKey } from '../lib/signing-key.ts'
import type { EventType } from '../model/event.ts'
import { anyId, instant, pageFields } from './fields.ts'

/** Which events to list, the newest first. */
export interface EventList {
  /** Whose trail; on the host's word alone it may be left out, for the events that belong to no organization. */
  readonly organization?: string | undefined
  /** Events by or about this identity. */
  readonly identity?: string | undefined
  readonly type?: EventType | undefined
  /** Events of this instant or later. */
  readonly since?: Date | undefined
  /** Events before this instant. */
  readonly until?: Date | undefined
  /** At most 100, which is the default. */
  readonly limit?: number | undefined
  /** Where the page before ended; belongs to one list and its filters. */
  readonly cursor?: string | undefined
}

/** Names one chain of the trail. */
export interface ChainKey {
  /** Absent for the events that belong to no organization. */
  readonly organization?: string | undefined
}

/** What to verify of the trail, and by what. */
export interface TrailVerification {
  /** One organization's chain; every chain where absent. */
  readonly organization?: string | undefined
  /** Checkpoints that were kept elsewhere, as their `jws`: what is behind them cannot be missing or rewritten. */
  readonly checkpoints?: readonly string[] | undefined
  /** Public keys of this deployment that its JWKS has let go, for checkpoints that they signed. */
  readonly olderKeys?: readonly JsonWebKey[] | undefined
}

const { limit, cursor } = pageFields

const eventType = z
  .string('must be a string')
  .regex(/^[a-z_]{1,40}\.[a-z_]{1,40}$/, 'must be the type of an event, like login.granted')
  .transform((type) => type as EventType)

export const eventList: SchemaOf<EventList> = z.strictObject({
  organization: anyId.optional(),
  identity: anyId.optional(),
  type: eventType.optional(),
  since: instant.optional(),
  until: instant.optional(),
  limit,
  cursor,
})

export const chainKey: SchemaOf<ChainKey> = z.strictObject({ organization: anyId.optional() })

export const trailVerification: SchemaOf<TrailVerification> = z.strictObject({
  organization: anyId.optional(),
  checkpoints: z
    .array(z.string('must be a checkpoint').max(8192, 'is too long'), 'must be a list')
    .max(10_000, 'must hold at most 10000 checkpoints')
    .optional(),
  olderKeys: z
    .array(z.record(z.string(), z.unknown(), 'must be a JWK'), 'must be a list')
    .max(100, 'must hold at most 100 keys')
    .optional(),
})
