import type { CheckpointClaims } from '../input/checkpoint.ts'
import { checkpointClaims } from '../input/checkpoint.ts'
import { toBase64Url, toUtf8 } from '../lib/bytes.ts'
import { encodeJwtInput, parseJwt } from '../lib/jwt.ts'
import { parseWith } from '../lib/schema.ts'
import { fromEpochSeconds, toEpochSeconds } from '../lib/time.ts'
import type { ChainLink, Checkpoint } from '../model/chain.ts'
import type { Signer } from '../ports/signer.ts'
import type { Keys, VerifyingKey } from './keys.ts'

/** The media type of our checkpoints, so that nothing else that these keys sign passes for one (RFC 8725 section 3.11). */
export const CHECKPOINT_TYPE = 'countersign-checkpoint+jwt'

/** What a checkpoint is about to say. */
export interface Statement extends ChainLink {
  readonly organization?: string
  readonly anchor: ChainLink
  readonly at: Date
}

/** Signs a statement about one chain. */
export async function signCheckpoint(
  issuer: string,
  signer: Signer,
  { at, organization, index, hash, anchor }: Statement,
): Promise<Checkpoint> {
  const { kid, algorithm: alg } = signer
  const iat = toEpochSeconds(at)
  const claims: CheckpointClaims = { iss: issuer, iat, index, hash, anchor }
  const input = encodeJwtInput(
    { alg, kid, typ: CHECKPOINT_TYPE },
    { ...claims, ...(organization !== undefined && { org: organization }) },
  )
  const jws = `${input}.${toBase64Url(await signer.sign(toUtf8(input)))}`
  return toCheckpoint({ ...claims, org: organization }, kid, jws)
}

/** Why a text is no checkpoint of ours. */
export type CheckpointRefusal = 'malformed' | 'unknown_key' | 'bad_signature'

/** What a checkpoint is believed on. */
export interface CheckpointTrust {
  readonly issuer: string
  readonly keys: Pick<Keys, 'find'>
  /** Keys of this deployment that its ring has let go. */
  readonly older?: ReadonlyMap<string, VerifyingKey>
}

/** Reads a checkpoint, and believes it only if a key of this deployment signed it. */
export async function readCheckpoint(
  { issuer, keys, older }: CheckpointTrust,
  jws: string,
): Promise<Checkpoint | CheckpointRefusal> {
  const parsed = parseJwt(jws)
  const { typ, kid, alg } = parsed?.header ?? {}
  if (parsed === undefined || typ !== CHECKPOINT_TYPE || typeof kid !== 'string') return 'malformed'
  const claims = parseWith(checkpointClaims, { ...parsed.claims })
  if ('problem' in claims || claims.value.iss !== issuer) return 'malformed'
  const key = (await keys.find(kid)) ?? older?.get(kid)
  if (key === undefined || key.algorithm !== alg) return 'unknown_key'
  if (!(await key.verify(parsed.signed, parsed.signature))) return 'bad_signature'
  return toCheckpoint(claims.value, kid, jws)
}

function toCheckpoint(
  { org, iat, index, hash, anchor }: CheckpointClaims,
  kid: string,
  jws: string,
): Checkpoint {
  return {
    ...(org !== undefined && { organization: org }),
    index,
    hash,
    anchor,
    at: fromEpochSeconds(iat),
    kid,
    jws,
  }
}
