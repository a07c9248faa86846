import type { SchemaOf } from '@countersign/core/plugin'
import { LONGEST_JWT, objectOf, text } from '@countersign/evidence'

/** What a workload presents: the token that its platform issued for it. */
export interface TokenCredential {
  readonly token: string
}

/** Its length is bounded before anybody looks inside. */
export const tokenCredential: SchemaOf<TokenCredential> = objectOf<TokenCredential>({
  token: text(LONGEST_JWT),
})
