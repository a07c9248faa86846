/** How one field of another system's wire becomes a member of a policy or a credential, and back. */
export interface WireField {
  /** The member here, as a path of names: `reviewer.token`. */
  readonly to: string
  /**
   * How its value is written there, where several values stand in one text between commas:
   *
   * - `text`: as it is. `texts`: a list of texts here. `list`: a list of texts on both sides.
   * - `patterns`: a list here, each an exact text or `{ glob }`. `rule`: one claim rule here, over such patterns.
   * - `claims`: an object of such texts by paths of names between dots; claim rules by JSON pointers here.
   * - `paths`: an object of paths of names between dots; JSON pointers here.
   * - `keys`: a list of PEM texts; a list of `{ pem }` here.
   * - `fields`: a list of `{ key, value }`, where a value holds several; a list of `{ attribute, values }` here.
   */
  readonly as:
    | 'text'
    | 'texts'
    | 'list'
    | 'patterns'
    | 'rule'
    | 'claims'
    | 'paths'
    | 'keys'
    | 'fields'
  /** The most characters of a field of a login; 16,384 where absent. */
  readonly longest?: number
  /** Says that a login may leave the field out. */
  readonly optional?: true
  /** Says that a field of a login may be empty: then the verifier refuses it, and not the wire. */
  readonly mayBeEmpty?: true
}

/** A setting that not every method shows on that wire. */
export type WireSetting = 'accessTokenPeriod' | 'clientSecretTrustedIps' | 'lockout'

/** What a method is called on the wire of Infisical, as data: whoever serves that wire knows no method by name. */
export interface WireMapping {
  /** Its name in paths: `oidc-auth`. */
  readonly slug: string
  /** The name of its settings in answers: `identityOidcAuth`. */
  readonly settings: string
  /** What a login calls the identity; `identityId` where absent. */
  readonly identity?: string
  /** Says that a login may leave the identity out, because its credential names it. */
  readonly identityOptional?: true
  /** Settings that it has there beside those of every method. */
  readonly also?: readonly WireSetting[]
  /** The fields of a login beside `identityId`. */
  readonly login: Readonly<Record<string, WireField>>
  /** The fields of its configuration beside those of every method. */
  readonly policy: Readonly<Record<string, WireField>>
  /** Those of its fields that a template holds there; absent where it has no templates. */
  readonly template?: readonly string[]
}

/** What a method's credential is at an OAuth token endpoint, as data: whoever serves it knows no method by name. */
export interface OAuthMapping {
  /**
   * - `client_secret`: what a client authenticates with (RFC 6749 section 2.3.1).
   * - `client_assertion`: what a client signs of itself (RFC 7523 section 2.2).
   * - `subject_token`: what another issuer says of a client (RFC 8693 section 2.1).
   */
  readonly as: 'client_secret' | 'client_assertion' | 'subject_token'
  /** The member of the credential that holds it, as it was sent. */
  readonly to: string
  /**
   * The types of subject tokens that it is (RFC 8693 section 3); those of a JWT and of an ID token where absent. That of an
   * access token is no method's: it means one of ours.
   */
  readonly types?: readonly string[]
}

/** An auth method by its name, and what it is called on the wire of another system, where it is there. */
export interface WiredMethod {
  readonly method: string
  readonly wire?: WireMapping
  /** What its credential is at an OAuth token endpoint, where it is one there. */
  readonly oauth?: OAuthMapping
}
