/** How one field of another system's wire becomes a member of a policy or a credential, and back. */
export interface WireField {
  /** The member here, as a path of names: `reviewer.token`. */
  readonly to: string
  /**
   * How its value is written there. `text`: as it is. `texts`: a text of values between commas. `list`: a list of texts.
   * `claims`: an object of texts of globs between commas, whose names are paths of names. `paths`: an object of paths of
   * names. `globs`: as `texts`, each a glob.
   */
  readonly as: 'text' | 'texts' | 'list' | 'globs' | 'claims' | 'paths' | 'keys'
  /** The most characters of a field of a login; 16,384 where absent. */
  readonly longest?: number
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
}
