import type { Attestation, Rejection } from '@countersign/core/plugin'
import { isRejection } from '@countersign/core/plugin'
import { checkJwt, LEEWAY, plain, readJwt, USUAL_TYPES } from '@countersign/evidence'
import type { Appraisal } from './appraisal.ts'
import { audiencesOf, settle } from './appraisal.ts'
import { isServiceAccountEmail } from './service-account.ts'

const FIFTEEN_MINUTES = 900

/** Appraises a token that a service account signed: whose it is is settled before the keys of that account are fetched. */
export async function appraiseAccountToken(
  token: string,
  appraisal: Appraisal,
): Promise<Attestation | Rejection> {
  const { context, keys, list, places } = appraisal
  const { leeway = LEEWAY, maxLifetime = FIFTEEN_MINUTES, serviceAccounts = [] } = context.policy
  const read = readJwt(token)
  if (typeof read === 'string') return list.stop('form', 'token_malformed')
  const { sub, iss = sub, aud } = read.claims
  if (!isServiceAccountEmail(sub) || iss !== sub)
    return list.stop('service_account', 'no_service_account', () => ({
      expected: 'a service account that speaks for itself',
    }))
  if (!serviceAccounts.includes(sub))
    return list.stop('allowed_service_account', 'service_account_not_allowed', () => ({
      expected: plain(serviceAccounts),
    }))
  list.check('single_audience', typeof aud === 'string', 'wrong_audience')

  const profile = {
    audiences: audiencesOf(context),
    otherAudiences: false,
    algorithms: ['RS256'],
    types: USUAL_TYPES,
    leeway,
    maxAge: maxLifetime,
    maxLifetime,
    // Whoever has an account sign by the API says when the token ends, and often nothing else.
    undated: true,
  } as const
  const jwksUrl = `${places.serviceAccounts}/${encodeURIComponent(sub)}`
  const findKey = keys({ from: 'issuer', jwksUrl })
  const claims = await checkJwt(token, { profile, findKey, list, context })
  if (isRejection(claims)) return claims
  return settle({ token, claims }, appraisal, { subject: sub, claims: { email: sub } })
}
