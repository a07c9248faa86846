/** One rule of a contract, checked on any implementation. Nothing here knows a test runner. */
export interface Case<Subject> {
  /** The verb, what it must do and when: the words of the contract. */
  readonly name: string
  /** Rejects where the subject breaks the rule. */
  run(subject: Subject): Promise<void>
}
