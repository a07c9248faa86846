import type { ClaimPath, JwtAlgorithm } from '@countersign/evidence'

/** Whom a platform's tokens are issued by. */
export interface ProfileIssuers {
  /** Issuers that everybody's tokens come from: their profile holds whether a policy names it or not. */
  readonly shared: readonly string[]
  /** Issuers of one organization or installation, by their form. */
  readonly own?: RegExp
}

/** What is known of the tokens of one platform, and which trust in them is refused: data. */
export interface Profile {
  readonly title: string
  readonly issuers: ProfileIssuers
  /** The form that every subject has. */
  readonly subject: RegExp
  /** Claims that stay with their owner for good: one of them must have exact values. */
  readonly tenant: readonly ClaimPath[]
  /** A beginning of a subject, without wildcards, that binds as much as one of those claims. */
  readonly tenantSubject?: RegExp
  /** Audiences that the platform writes into tokens unasked: whoever receives such a token could pass it on. */
  readonly refusedAudiences?: RegExp
  /** What is chosen by others, or changes hands: named by a policy it narrows, alone it is refused. */
  readonly unsafe: readonly string[]
  readonly algorithms: readonly JwtAlgorithm[]
  /** Whether tokens may say nothing of when they were issued. */
  readonly undated?: boolean
  /** What the `use` of a key says; `sig` by default. */
  readonly keyUses?: readonly string[]
}
