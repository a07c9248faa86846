/** One statement, as a client of pg takes it: prepared once per connection where it has a name. */
export interface PostgresQuery {
  readonly name?: string
  readonly text: string
  // A mutable list: that is what clients ask for.
  readonly values: unknown[]
  /** After how many milliseconds the client gives up. */
  readonly query_timeout?: number
}

/** The little that a storage needs of a client: rows for a statement. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<{ readonly rows: readonly unknown[] }>
}

/** A client that is borrowed from a pool until it is released; released with an error, it is not used again. */
export interface PostgresConnection extends PostgresClient {
  release(error?: Error | boolean): void
  on?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
}

/** What may tell of an error apart from any call. */
export interface PostgresErrorSource {
  on?(event: 'error', listener: (error: Error) => void): unknown
}

/** Lends connections, as a pool of pg 8 does; it stays the host's, and only the host ends it. */
export interface PostgresPool {
  connect(): Promise<PostgresConnection>
  on?(event: 'error', listener: (error: Error) => void): unknown
  on?(event: 'connect', listener: (connection: PostgresErrorSource) => void): unknown
  removeListener?(event: 'error', listener: (error: Error) => void): unknown
  removeListener?(event: 'connect', listener: (connection: PostgresErrorSource) => void): unknown
  /** Set to false by pools whose connections cannot keep prepared statements. */
  readonly prepares?: false
}
