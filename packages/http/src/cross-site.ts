import type { Exchange } from './exchange.ts'
import { parseMediaType } from './media-type.ts'
import type { Refusal } from './refusal.ts'

const CROSS_SITE: Refusal = Object.freeze({
  code: 'cross_site',
  message: 'Without a token, only pages of this origin may call, and only with JSON',
})

/** Sites that a browser says a request comes from and that may stand behind a cookie: our own, or none at all. */
const OWN_SITES: ReadonlySet<string> = new Set(['same-origin', 'none'])

/**
 * Refuses a call on the word of a cookie that another site could have made: it must come from a page of the issuer's
 * origin or from no page, and what changes something must be JSON, which no form of another site can send.
 */
export function refuseCrossSite(exchange: Exchange, issuer: string): Refusal | undefined {
  const { header, method } = exchange
  const isOwn =
    OWN_SITES.has(header('sec-fetch-site') ?? '') || header('origin') === new URL(issuer).origin
  const isRead = method === 'GET' || method === 'HEAD'
  const isJson = parseMediaType(header('content-type')) === 'json'
  return isOwn && (isRead || isJson) ? undefined : CROSS_SITE
}
