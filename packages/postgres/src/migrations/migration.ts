/** One step of the schema. It never changes once it is released: its checksum is stored where it ran. */
export interface Migration {
  readonly version: number
  readonly name: string
  /** Whether code that does not know this step must not run on what it leaves behind. */
  readonly breaking: boolean
  /** SQL in which `@name` stands for our table of that name. */
  readonly statements: readonly string[]
}
