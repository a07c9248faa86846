import type { Verifier } from '@countersign/core/plugin'
import type { OutboundOptions } from '@countersign/evidence'
import {
  createChecklist,
  createKeyStores,
  createOutbound,
  LONGEST_JWT,
  objectOf,
  text,
} from '@countersign/evidence'
import type { KeyPlaces } from './appraisal.ts'
import { appraiseGoogleToken } from './gce.ts'
import { appraiseAccountToken } from './iam.ts'
import type { GcpPolicy } from './policy.ts'
import { gcpPolicy } from './policy.ts'
import { gcpWire } from './wire.ts'

/** What a workload on Google Cloud presents. */
export interface GcpCredential {
  /** An identity token of the metadata server, or a token that a service account signed. */
  readonly token: string
}

/** How the verifier reaches Google. */
export interface GcpOptions extends OutboundOptions {
  /** Where keys are published, instead of at Google: for tests. */
  readonly places?: Partial<KeyPlaces> | undefined
}

const PLACES: KeyPlaces = {
  google: 'https://www.googleapis.com/oauth2/v3/certs',
  serviceAccounts: 'https://www.googleapis.com/service_accounts/v1/jwk',
}

/** Creates the verifier of service accounts of Google Cloud. */
export function gcp({
  places,
  ...options
}: GcpOptions = {}): Verifier<'gcp', GcpPolicy, GcpCredential> {
  const keys = createKeyStores(createOutbound(options))
  const at: KeyPlaces = { ...PLACES, ...places }
  return Object.freeze<Verifier<'gcp', GcpPolicy, GcpCredential>>({
    method: 'gcp',
    policy: gcpPolicy,
    credential: objectOf<GcpCredential>({ token: text(LONGEST_JWT) }),
    wire: gcpWire,
    verify({ token }, context) {
      const appraisal = { context, keys, list: createChecklist(context), places: at }
      return context.policy.type === 'iam'
        ? appraiseAccountToken(token, appraisal)
        : appraiseGoogleToken(token, appraisal)
    },
  })
}
