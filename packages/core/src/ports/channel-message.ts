import type { Invalidation } from './channel.ts'

/** What one message between nodes carries. */
export interface ChannelMessage {
  /** Who sent it; absent where nobody says. */
  readonly sender?: string
  readonly invalidations: readonly Invalidation[]
}

/** The version of the form. A node that reads another one knows only that something changed. */
const VERSION = 1

/** Writes a message as text. */
export function toMessageText({ sender, invalidations }: ChannelMessage): string {
  return JSON.stringify({ v: VERSION, sender, changes: invalidations })
}

/**
 * Reads a message. Whatever it says can only make this node forget: what is not understood counts as `everything`, because
 * a later version may have meant more than this one can read.
 */
export function fromMessageText(text: string): ChannelMessage {
  const { v, sender, changes } = parseObject(text)
  const understood = v === VERSION && Array.isArray(changes)
  return {
    ...(typeof sender === 'string' && { sender }),
    invalidations: understood ? changes.map(toInvalidation) : [EVERYTHING],
  }
}

/** Nobody knows what changed. */
export const EVERYTHING: Invalidation = Object.freeze({ kind: 'everything' })

type Unread = Readonly<Record<string, unknown>>

function parseObject(text: string): Unread {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function toInvalidation(change: unknown): Invalidation {
  if (typeof change !== 'object' || change === null) return EVERYTHING
  const { from, at, ...told } = change as Unread
  return {
    ...toChange(told),
    ...(typeof from === 'string' && { from }),
    ...(typeof at === 'number' && { at }),
  }
}

function toChange({ kind, organization, id }: Unread): Invalidation {
  if (kind === 'keys') return { kind }
  if (kind === 'everything' || typeof id !== 'string') return EVERYTHING
  if (kind === 'organization') return { kind, id }
  if (!isOwned(kind) || typeof organization !== 'string') return EVERYTHING
  return { kind, organization, id }
}

type Owned = Extract<Invalidation, { readonly organization: string }>['kind']

const OWNED: ReadonlySet<unknown> = new Set<Owned>(['identity', 'user', 'role', 'session'])

function isOwned(kind: unknown): kind is Owned {
  return OWNED.has(kind)
}
