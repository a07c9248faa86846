/** One transaction of a host's: what `within` takes, and the host's own way to write a row. */
export interface HostTransaction {
  readonly client: unknown
  /** Inserts a row that refers to an identity. */
  addAgent(name: string, identity: string): Promise<unknown>
}

/** A host that is connected to its database. */
export interface OpenHost {
  transaction<T>(run: (transaction: HostTransaction) => Promise<T>): Promise<T>
  /** What a host may hand over by mistake: something that is in no transaction. */
  beside(): unknown
  close(): Promise<void>
}

/** A host by the library that it talks to Postgres with. */
export interface Host {
  readonly library: string
  open(url: string): Promise<OpenHost>
}
