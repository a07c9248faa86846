import { fromPostgresJs } from '@countersign/postgres/hosts'
import pg from 'pg'
import postgres from 'postgres'
import type { Host } from './host.ts'

const INSERT = 'INSERT INTO agents (name, identity) VALUES ($1, $2)'

/** The driver that needs no wrapper: its client is what `within` takes. */
export const nodePostgres: Host = {
  library: 'pg',
  async open(url) {
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    return {
      async transaction(run) {
        const client = await pool.connect()
        try {
          await client.query('BEGIN')
          const addAgent = (name: string, identity: string) =>
            client.query(INSERT, [name, identity])
          const value = await run({ client, addAgent })
          await client.query('COMMIT')
          return value
        } catch (error) {
          await client.query('ROLLBACK')
          throw error
        } finally {
          client.release()
        }
      },
      beside: () => pool,
      close: () => pool.end(),
    }
  },
}

/** postgres.js as it comes, and as hosts like it. */
export const postgresJs: readonly Host[] = [
  aPostgresJs('postgres.js', {}),
  aPostgresJs('postgres.js that renames columns and knows no arrays', {
    transform: postgres.camel,
    fetch_types: false,
  }),
]

function aPostgresJs(library: string, options: postgres.Options<Record<string, never>>): Host {
  return {
    library,
    async open(url) {
      const sql = postgres(url, { max: 4, onnotice: () => undefined, ...options })
      return {
        transaction: async (run) => {
          const value = await sql.begin((tx) =>
            run({
              client: fromPostgresJs(tx),
              addAgent: (name, identity) =>
                tx`INSERT INTO agents (name, identity) VALUES (${name}, ${identity})`,
            }),
          )
          return value as Awaited<ReturnType<typeof run>>
        },
        beside: () => fromPostgresJs(sql as never),
        close: () => sql.end(),
      }
    },
  }
}
