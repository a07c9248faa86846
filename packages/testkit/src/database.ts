import pg from 'pg'

/** A database that exists for one test file. */
export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

let count = 0

/** Creates an empty database on a server. */
export async function createDatabase(server: string): Promise<TestDatabase> {
  count += 1
  const name = `test_${process.pid}_${Date.now().toString(36)}_${count}`
  await administer(server, `CREATE DATABASE ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () => administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
