/** Thrown where Redis gave no answer that counts; whoever has another way takes it. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway'
  /** Whether what was asked may have been done in spite of it, now or later. */
  readonly ambiguous: boolean

  constructor(message: string, ambiguous: boolean, options?: ErrorOptions) {
    super(message, options)
    this.ambiguous = ambiguous
  }
}

/** What Redis itself says begins with a word in capitals: it has understood, and done nothing. */
export function isRefusalOfRedis(error: unknown): boolean {
  return error instanceof Error && /^[A-Z][A-Z0-9]+ /.test(error.message)
}
