/** The process around the command line, handed in. */
export interface Terminal {
  /** What stands behind the name of the program. */
  readonly arguments: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Whether somebody sees what is noted. */
  readonly isInteractive: boolean
  /** Reads what is piped in, whole. */
  readonly readInput: () => Promise<string>
  readonly readFile: (path: string) => Promise<string>
  readonly fileExists: (path: string) => boolean
  /** Makes a `fetch` that shows the certificate of files, read anew for every request. */
  readonly certificateFetch: (files: {
    readonly cert: string
    readonly key: string
    readonly ca?: string | undefined
  }) => typeof globalThis.fetch
  /** Makes a `fetch` over a Unix socket. */
  readonly socketFetch: (path: string) => typeof globalThis.fetch
  /** Replaces a file in one step, readable by its owner alone. */
  readonly writeSecretFile: (path: string, content: string) => Promise<void>
  /** Makes a folder for its owner alone, and answers its path. */
  readonly makeFolder: () => Promise<string>
  readonly removeFolder: (path: string) => Promise<void>
  /** Runs a program on this terminal, and answers its exit code once it ended. */
  readonly run: (
    program: readonly string[],
    environment: Readonly<Record<string, string>>,
  ) => Promise<number>
  /** Prints an answer. */
  readonly print: (text: string) => void
  /** Says something that is no answer. */
  readonly note: (text: string) => void
}

/** A command that cannot be understood: the way to use it is printed, and the exit code is 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
