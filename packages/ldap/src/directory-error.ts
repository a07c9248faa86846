/** Why a directory could not be asked: a word, and nothing of what it said. */
export type DirectoryReason =
  | 'egress_refused'
  | 'unreachable'
  | 'tls_failed'
  | 'start_tls_refused'
  | 'service_refused'
  | 'unexpected_answer'
  | 'too_late'

/** A directory that could not tell. Its message repeats neither a name, nor a password, nor the answer. */
export class DirectoryError extends Error {
  readonly code: DirectoryReason

  constructor(code: DirectoryReason) {
    super(`The directory could not be asked: ${code.replaceAll('_', ' ')}`)
    this.name = 'DirectoryError'
    this.code = code
  }
}
