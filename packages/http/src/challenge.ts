import { PROOF_ALGORITHMS } from '@countersign/core'
import type { Answer } from './answer.ts'
import { parseBearer } from './bearer.ts'
import type { Refusal } from './refusal.ts'

/**
 * Says no by the scheme that was used: who shows a token with a proof is challenged to do so again (RFC 9449 section 7.1).
 * What is wrong with a proof itself is told, for logging in again would not mend it; of tokens nothing more than ever.
 */
export function byScheme(refusal: Refusal, authorization: string | undefined): Refusal {
  const shown = parseBearer(authorization)
  const asked = wantsProof(refusal) ? '' : undefined
  const isProved = shown.kind !== 'absent' && shown.scheme === 'DPoP'
  const error = isProved ? errorOf(refusal) : asked
  if (error === undefined) return refusal
  const { code, message, retryAfter, details, headers } = refusal
  return {
    ...{ code, message },
    ...(retryAfter !== undefined && { retryAfter }),
    ...(details !== undefined && { details }),
    headers: { ...headers, 'www-authenticate': `DPoP realm="countersign"${error}, algs="${ALGS}"` },
  }
}

/** Where the document of an issuer lies that says who grants tokens for it: its path comes last (RFC 9728 section 3.1). */
export function resourceMetadataOf(issuer: string): string {
  const { origin, pathname } = new URL(issuer)
  return `${origin}/.well-known/oauth-protected-resource${pathname.replace(/\/$/, '')}`
}

/** Who has no token learns from the challenge where to ask for one (RFC 9728 section 5.1). */
export function pointing(answer: Answer, resourceMetadata: string): Answer {
  const challenge = answer.headers['www-authenticate']
  if (answer.status !== 401 || challenge === undefined || !FOR_TOKENS.test(challenge)) return answer
  const pointed = `${challenge}, resource_metadata="${resourceMetadata}"`
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': pointed } }
}

/** The schemes by which tokens are shown; clients of the endpoints of OAuth are challenged by another. */
const FOR_TOKENS = /^(?:Bearer|DPoP) /

const ALGS = PROOF_ALGORITHMS.join(' ')

/**
 * A login whose tokens are to be bound, and that brought no proof. Its credential was right: whoever holds it could as well
 * have made a key, so telling gives nothing away.
 */
function wantsProof(refusal: Refusal): boolean {
  return (
    refusal.code === 'invalid_credential' &&
    'reason' in refusal &&
    refusal.reason === 'proof_missing'
  )
}

const PROOF_FAULTS: ReadonlySet<unknown> = new Set([
  'proof_malformed',
  'proof_mismatch',
  'proof_stale',
  'proof_forged',
  'proof_replayed',
])

/** What the challenge says beside its scheme; nothing where an answer has none. */
function errorOf(refusal: Refusal): string | undefined {
  switch (refusal.code) {
    case 'token_missing':
      return ''
    case 'permission_denied':
      return said('insufficient_scope', 'The request needs more than the access token allows')
    case 'invalid_token': {
      const reason = 'reason' in refusal ? refusal.reason : undefined
      return PROOF_FAULTS.has(reason)
        ? said('invalid_dpop_proof', 'The DPoP proof is not valid')
        : said('invalid_token', 'The access token is not valid')
    }
    default:
      return undefined
  }
}

function said(error: string, description: string): string {
  return `, error="${error}", error_description="${description}"`
}
