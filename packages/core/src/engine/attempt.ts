import { CountersignError, invalidRequest } from '../errors.ts'
import { loginRequest } from '../input/login.ts'
import { parse } from '../input/parse.ts'
import type { RootKey } from '../lib/root-key.ts'
import { digestSecret } from '../lib/root-key.ts'
import type { Digest } from '../model/credential.ts'
import { isRejection } from '../model/rejection.ts'
import { accountOf } from '../model/lockout.ts'
import type { Source } from '../model/source.ts'
import type { Verifier } from '../ports/verifier.ts'
import type { CheckedProof } from './check-proof.ts'
import { checkProof } from './check-proof.ts'
import type { Parts } from './parts.ts'
import { sourceNetwork } from './source.ts'

/** One login, read and understood; nothing about it is believed yet. */
export interface Attempt {
  readonly method: string
  readonly verifier: Verifier
  /** Absent where the credential names its identity. */
  readonly identity?: string
  readonly credential: unknown
  /** What a stored credential would be found by: one digest per root key, in every case. */
  readonly digests: readonly Digest[]
  readonly source: Source
  /** What budgets count its source by, and lockout where no account is guessed at. */
  readonly network: string
  /** The DPoP proof beside it, once it was checked. */
  readonly proof?: CheckedProof
  /** The account that is guessed at, as lockout counts it. */
  readonly account?: string
}

/** The purpose that separates digests of stored credentials from any other use of a root key. */
export const CREDENTIAL_PURPOSE = 'credential'

/** Reads a login, or throws `invalid_request`: what is malformed is no attempt, and counts for nobody. */
export function parseAttempt(
  { verifiers, rootKeys }: Pick<Parts, 'verifiers' | 'rootKeys'>,
  request: unknown,
  source: Source,
): Attempt {
  const { method, identity, credential: presented } = parse(loginRequest, request)
  const verifier = verifiers.get(method)
  if (verifier === undefined)
    throw invalidRequest('method is not one that this engine was built with')
  const credential = parse(verifier.credential, presented)
  const secret = verifier.locate?.(credential)
  const digests = secret === undefined ? [] : digestsOf(rootKeys, secret)
  const name = verifier.countedBy?.(credential)
  return {
    method,
    verifier,
    credential,
    digests,
    source,
    network: sourceNetwork(source),
    ...(identity !== undefined && { identity }),
    ...(name !== undefined && { account: accountOf(name) }),
  }
}

/** Reads the proof beside a login, if there is one. It says nothing about the credential, and its faults are told. */
export async function withProof(attempt: Attempt, now: Date): Promise<Attempt> {
  const { proof } = attempt.source
  if (proof === undefined) return attempt
  const checked = await checkProof(proof, now)
  if (!isRejection(checked)) return { ...attempt, proof: checked }
  const reason = 'invalid_dpop_proof'
  throw new CountersignError('invalid_request', 'The DPoP proof is not valid', { reason })
}

/** The digests of a credential under every root key that is present, newest first. */
export function digestsOf(
  [newest, ...older]: Parts['rootKeys'],
  secret: string,
): readonly [Digest, ...Digest[]] {
  const digestBy = (key: RootKey): Digest => ({
    rootKey: key.id,
    value: digestSecret(key, CREDENTIAL_PURPOSE, secret),
  })
  return [digestBy(newest), ...older.map(digestBy)]
}
