import type {
  ClientSecret,
  Digest,
  LockoutCounter,
  LockoutKey,
  Seconds,
  StaticToken,
} from '../plugin.ts'

/** A credential of either kind. */
export type AnyCredential = ClientSecret | StaticToken

/** A credential and the digest that it is found by, which no verb answers. */
export interface CredentialRow<Credential extends AnyCredential = AnyCredential> {
  readonly credential: Credential
  readonly digest: Digest
  /** Whether the event of its end was written. */
  readonly endNoted?: boolean
  /** How many seconds before its end somebody was told of it last. */
  readonly expiryNoted?: Seconds
}

/** The failures of one class of sources. */
export interface CounterRow {
  readonly key: LockoutKey
  readonly counter: LockoutCounter
}

/** A source that was granted a login. */
export interface KnownSource {
  readonly source: string
  readonly since: Date
  readonly until: Date
}

/** The known sources of one identity and method, oldest first. */
export interface KnownRow {
  readonly organization: string
  readonly identity: string
  readonly method: string
  readonly sources: readonly KnownSource[]
}

/** An identity that nobody uses, and when somebody was told. */
export interface UnusedNote {
  readonly organization: string
  readonly identity: string
  readonly at: Date
}

/** How many requests a limited login has authenticated. */
export interface UseCount {
  readonly organization: string
  readonly identity: string
  readonly authMethod: string
  readonly session: string
  readonly uses: number
  readonly until: Date
}

/** Evidence that was seen, or what was told once. */
export interface OnceMark {
  readonly key: string
  readonly until: Date
  /** Whom it lets pass again. */
  readonly holder?: string
}
