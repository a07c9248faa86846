import type { MaybePromise } from '../lib/after.ts'
import { after } from '../lib/after.ts'
import { thumbprint } from '../lib/fingerprint.ts'
import type { ClientCertificate } from '../model/client-certificate.ts'
import { isClientCertificate } from '../model/client-certificate.ts'
import type { Confirmation, ConfirmationRefusal } from '../model/confirmation.ts'
import { isRejection, Rejection } from '../model/rejection.ts'
import type { Source } from '../model/source.ts'
import type { SeenMark } from '../ports/token-store.ts'
import { checkProof } from './check-proof.ts'

/** What a source must prove beside a token, and how strictly. */
export interface Demand {
  readonly cnf?: Confirmation | undefined
  /** The token itself where proofs must name it (`ath`): wherever it is shown for access. */
  readonly token?: string
  /** Whether a proof may come with a token that demands none: it then binds the next one. */
  readonly unasked?: 'refused' | 'binds'
}

/** What a source has proved. */
export interface Confirmed {
  readonly jkt?: string
}

/** Takes the mark of a proof; false where somebody did before. */
export type TakeMark = (mark: SeenMark, now: Date) => MaybePromise<boolean>

/** Refuses a source that does not prove what a token demands; at once where nothing is demanded and nothing shown. */
export function confirm(
  { cnf, token, unasked = 'refused' }: Demand,
  source: Pick<Source, 'proof' | 'certificate'>,
  now: Date,
  takeMark: TakeMark,
): MaybePromise<Confirmed | Rejection<ConfirmationRefusal>> {
  const wanted = cnf?.['x5t#S256']
  if (wanted !== undefined && wanted !== thumbprintOfCertificate(source.certificate))
    return new Rejection('wrong_certificate')
  const jkt = cnf?.jkt
  const { proof } = source
  if (proof === undefined) return jkt === undefined ? {} : new Rejection('proof_missing')
  if (jkt === undefined && unasked === 'refused') return new Rejection('not_bound')
  return after(checkProof(proof, now, token), (checked) => {
    if (isRejection(checked)) return checked
    if (jkt !== undefined && jkt !== checked.jkt) return new Rejection('wrong_key')
    return after(takeMark(checked.mark, now), (taken) =>
      taken ? { jkt: checked.jkt } : new Rejection('proof_replayed'),
    )
  })
}

/** The `x5t#S256` of a certificate that a client proved; none for anything that merely looks like one. */
export function thumbprintOfCertificate(
  certificate: ClientCertificate | undefined,
): string | undefined {
  return isClientCertificate(certificate) ? thumbprint(certificate.der) : undefined
}
