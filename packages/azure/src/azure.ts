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
import { appraiseAzureToken } from './appraise.ts'
import type { AzurePolicy } from './policy.ts'
import { azurePolicy } from './policy.ts'
import { azureWire } from './wire.ts'

/** What a workload on Azure presents. */
export interface AzureCredential {
  /** A token of its managed identity or its service principal. What it says beside the token counts for nothing. */
  readonly token: string
}

/** How the verifier reaches Azure. */
export interface AzureOptions extends OutboundOptions {
  /** Where keys are published, instead of at the host of each cloud: for tests. */
  readonly keyHost?: string | undefined
}

/** Creates the verifier of managed identities and service principals of Azure. */
export function azure({
  keyHost,
  ...options
}: AzureOptions = {}): Verifier<'azure', AzurePolicy, AzureCredential> {
  const keys = createKeyStores(createOutbound(options))
  return Object.freeze<Verifier<'azure', AzurePolicy, AzureCredential>>({
    method: 'azure',
    policy: azurePolicy,
    credential: objectOf<AzureCredential>({ token: text(LONGEST_JWT) }),
    wire: azureWire,
    verify: ({ token }, context) =>
      appraiseAzureToken(token, { context, keys, list: createChecklist(context), keyHost }),
  })
}
