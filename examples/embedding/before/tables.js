const TABLES = `
  CREATE TABLE IF NOT EXISTS organizations (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL
  );
  CREATE TABLE IF NOT EXISTS users (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id integer NOT NULL REFERENCES organizations (id),
    email text NOT NULL UNIQUE,
    password text NOT NULL,
    is_admin boolean NOT NULL
  );
  CREATE TABLE IF NOT EXISTS sessions (
    id text PRIMARY KEY,
    user_id integer NOT NULL REFERENCES users (id),
    expires_at timestamptz NOT NULL
  );
  CREATE TABLE IF NOT EXISTS reports (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id integer NOT NULL REFERENCES organizations (id),
    title text NOT NULL
  );
`

/** Creates what is missing; processes that start at once take turns. */
exports.createTables = (pool) => pool.query(`SELECT pg_advisory_xact_lock(7); ${TABLES}`)

/** Runs some statements in one transaction: all of them count, or none. */
exports.inTransaction = async (pool, run) => {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await run(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
