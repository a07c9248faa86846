import type { VerifierContext } from '@countersign/core/plugin'
import { Rejection, toEpochSeconds } from '@countersign/core/plugin'
import { compactVerify } from 'jose'
import type { Checklist, Shown } from '../checklist.ts'
import { plain, unproved } from '../checklist.ts'
import type { JwtAlgorithm } from '../keys/algorithms.ts'
import type { PublicKey } from '../keys/public-key.ts'
import type { FindKey } from '../keys/remote-keys.ts'
import { checkTimes } from './check-times.ts'
import type { JwtProfile } from './jwt-profile.ts'
import type { Claims, ReadJwt } from './read-jwt.ts'
import { readJwt } from './read-jwt.ts'

/** What checking a token takes beside the token. */
export interface JwtCheck {
  readonly profile: JwtProfile
  readonly findKey: FindKey
  readonly list: Checklist
  readonly context: Pick<VerifierContext<unknown>, 'now' | 'signal' | 'notice'>
}

/**
 * Checks a foreign token: form and plain words first, then its times, and the signature last. In a rehearsal the claims of
 * a token that was refused are answered as well, unless its signature proves nothing.
 */
export async function checkJwt(token: string, check: JwtCheck): Promise<Claims | Rejection> {
  const { profile, list, context } = check
  const read = readJwt(token)
  if (typeof read === 'string')
    return list.stop('form', 'token_malformed', () => ({
      expected: 'a signed token',
      presented: `no good ${read}`,
    }))
  list.check('form', true, '')
  const goesOn =
    checkHeader(read, profile, list) &&
    checkParties(read, profile, list) &&
    checkTimes(read.claims, profile, list, toEpochSeconds(context.now))
  if (!goesOn) return refusalOf(list)
  const refused = await checkSignature(read, check)
  return refused ?? read.claims
}

/** Members of a header that would choose the key, or change what is signed. */
const FORBIDDEN: readonly string[] = [
  'crit',
  'jwk',
  'jku',
  'x5u',
  'x5c',
  'b64',
  'zip',
  'enc',
  'cty',
]

function checkHeader(
  { header }: ReadJwt,
  { algorithms, types }: JwtProfile,
  list: Checklist,
): boolean {
  const { alg, typ, kid } = header
  const forbidden = FORBIDDEN.find((member) => member in header)
  const type = typ === undefined ? '' : typ
  return (
    list.check('header', forbidden === undefined, 'header_not_allowed', () => ({
      expected: 'no critical extension, and no key of its own',
      presented: forbidden ?? 'none',
    })) &&
    list.check('kid', kid === undefined || isKid(kid), 'token_malformed', () =>
      shown('a text', kid),
    ) &&
    list.check('algorithm', algorithms.includes(alg as JwtAlgorithm), 'algorithm_not_allowed', () =>
      shown(algorithms, alg),
    ) &&
    list.check(
      'type',
      typeof type === 'string' && types.includes(typeOf(type)),
      'type_not_allowed',
      () =>
        shown(
          types.map((name) => name || 'none'),
          typ,
        ),
    )
  )
}

function checkParties({ claims }: ReadJwt, profile: JwtProfile, list: Checklist): boolean {
  const { issuer, audiences, otherAudiences } = profile
  const { iss, aud } = claims
  const named = Array.isArray(aud) ? aud : [aud]
  const isForUs = named.some((name) => audiences.includes(name as string))
  const isForOthers = !otherAudiences && !named.every((name) => audiences.includes(name as string))
  return (
    (issuer === undefined ||
      list.check('issuer', iss === issuer, 'wrong_issuer', () => shown(issuer, iss))) &&
    list.check('audience', isForUs && !isForOthers, 'wrong_audience', () => ({
      expected: plain(audiences),
      presented: named.slice(0, 4).map(unproved).join(', ') || 'nobody',
    }))
  )
}

async function checkSignature(read: ReadJwt, check: JwtCheck): Promise<Rejection | undefined> {
  const { findKey, list, context } = check
  const { alg, kid } = read.header
  const algorithm = alg as JwtAlgorithm
  const found = isKnown(check.profile, algorithm)
    ? await findKey({ kid: isKid(kid) ? kid : undefined, algorithm }, context)
    : 'key_not_for_algorithm'
  if (typeof found === 'string')
    return list.stop('key', found, () => shown('a key of the issuer', kid))
  list.check('key', true, '')
  const { key, staleFor } = found
  if (!(await isSignedBy(read.token, key, algorithm)))
    return list.stop('signature', 'bad_signature', () => ({
      presented: 'a signature by another key',
    }))
  if (staleFor !== undefined) context.notice('issuer_keys_stale')
  list.check('signature', true, '')
  return undefined
}

/** In a rehearsal the list goes on behind an algorithm that is not allowed: no key is asked to try it. */
function isKnown({ algorithms }: JwtProfile, algorithm: JwtAlgorithm): boolean {
  return algorithms.includes(algorithm)
}

async function isSignedBy(
  token: string,
  key: PublicKey,
  algorithm: JwtAlgorithm,
): Promise<boolean> {
  try {
    await compactVerify(token, await key.forAlgorithm(algorithm), { algorithms: [algorithm] })
    return true
  } catch {
    // The key was imported and the form was read: what is left to fail is the signature.
    return false
  }
}

function isKid(kid: unknown): kid is string {
  return typeof kid === 'string' && kid !== '' && kid.length <= 256
}

/** RFC 7515, 4.1.9: without `application/`, and in any case. */
function typeOf(typ: string): string {
  return typ.toLowerCase().replace(/^application\//, '')
}

function shown(expected: unknown, presented: unknown): Shown {
  return { expected: plain(expected), presented: unproved(presented) }
}

function refusalOf(list: Checklist): Rejection {
  return list.refusal() ?? new Rejection('token_malformed')
}
