import pg from 'pg'

/** A database that exists for one test file. */
export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

let count = 0

/** Creates a database on a server: an empty one, or a copy of another one that nobody is connected to. */
export async function createDatabase(server: string, original?: string): Promise<TestDatabase> {
  count += 1
  const name = `test_${process.pid}_${Date.now().toString(36)}_${count}`
  const template = original === undefined ? '' : ` TEMPLATE ${new URL(original).pathname.slice(1)}`
  await administer(server, `CREATE DATABASE ${name}${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    drop: () =>
      administer(server, untilNobodyIn(name), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

/** A pool that was ended still says goodbye: who is cut off then has nobody left to hear of it, and ends the process. */
function untilNobodyIn(name: string): string {
  return `DO $$ BEGIN
    FOR round IN 1..200 LOOP
      PERFORM pg_stat_clear_snapshot();
      EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '${name}');
      PERFORM pg_sleep(0.01);
    END LOOP;
  END $$`
}

async function administer(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}
