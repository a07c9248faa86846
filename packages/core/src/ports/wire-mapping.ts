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
}

/** What a method is called on the wire of Infisical, as data: whoever serves that wire knows no method by name. */
export interface WireMapping {
  /** Its name in paths: `oidc-auth`. */
  readonly slug: string
  /** The name of its settings in answers: `identityOidcAuth`. */
  readonly settings: string
  /** The fields of a login beside `identityId`. */
  readonly login: Readonly<Record<string, WireField>>
  /** The fields of its configuration beside those of every method. */
  readonly policy: Readonly<Record<string, WireField>>
}
