import { createHash } from 'node:crypto'
import type { IdentityClaim } from '@countersign/core'
import type { RequestHandler } from 'express'

/** A row of the table of keys that you have, with three columns more. */
export interface OldKey {
  readonly organization: string
  /** The identity that now stands for whoever shows this key. */
  readonly identity: string
  /** Since when nobody should use it any more. */
  readonly deprecated: Date
  /** From this instant it opens nothing. */
  readonly sunset: Date
}

/** Your table, found by what it stores: a digest. */
export interface KeyTable {
  find(digest: string): Promise<OldKey | undefined>
}

/** The host's own check, and what a guard asks of it. */
export interface OldKeys {
  /** Looks a key up once for each request, and tells its holder until when it works. */
  readonly recognise: RequestHandler
  /** Vouches for whoever showed a key that lives. */
  readonly claimOf: (request: object) => IdentityClaim | undefined
}

export const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex')

/** Keeps old keys working until their sunset; `now` is the clock, and `guide` where their holders read on. */
export function createOldKeys(table: KeyTable, now: () => Date, guide: string): OldKeys {
  const claims = new WeakMap<object, IdentityClaim>()

  const recognise: RequestHandler = async (request, response, next) => {
    const shown = request.get('x-api-key')
    const key = shown === undefined ? undefined : await table.find(digestOf(shown))
    if (key !== undefined && now() < key.sunset) {
      const { organization, identity, deprecated, sunset } = key
      claims.set(request, { organization, identity })
      response.set({
        // RFC 9745, RFC 8594
        Deprecation: `@${Math.floor(deprecated.getTime() / 1000)}`,
        Sunset: sunset.toUTCString(),
        Link: `<${guide}>; rel="deprecation"; type="text/html"`,
      })
    }
    next()
  }

  return { recognise, claimOf: (request) => claims.get(request) }
}
