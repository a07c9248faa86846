import { fromDrizzle, fromKnex, fromKysely } from '@countersign/postgres/hosts'
import { drizzle as onPg } from 'drizzle-orm/node-postgres'
import { pgTable, text } from 'drizzle-orm/pg-core'
import { drizzle as onPostgresJs } from 'drizzle-orm/postgres-js'
import createKnex from 'knex'
import { CamelCasePlugin, Kysely, ParseJSONResultsPlugin, PostgresDialect } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'
import type { Host } from './host.ts'

interface Tables {
  readonly agents: { readonly name: string; readonly identity: string }
}

export const kysely: Host = {
  library: 'Kysely with plugins that rename columns and read JSON',
  async open(url) {
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    const db = new Kysely<Tables>({
      dialect: new PostgresDialect({ pool }),
      plugins: [new CamelCasePlugin(), new ParseJSONResultsPlugin()],
    })
    return {
      transaction: (run) =>
        db.transaction().execute((trx) =>
          run({
            client: fromKysely(trx),
            addAgent: (name, identity) =>
              trx.insertInto('agents').values({ name, identity }).execute(),
          }),
        ),
      beside: () => fromKysely(db),
      close: () => db.destroy(),
    }
  },
}

export const knex: Host = {
  library: 'Knex',
  async open(url) {
    const db = createKnex({ client: 'pg', connection: url, pool: { min: 0, max: 4 } })
    return {
      transaction: (run) =>
        db.transaction((trx) =>
          run({
            client: fromKnex(trx),
            addAgent: async (name, identity) => trx('agents').insert({ name, identity }),
          }),
        ),
      beside: () => fromKnex(db as never),
      close: () => db.destroy(),
    }
  },
}

const agents = pgTable('agents', {
  name: text().primaryKey(),
  identity: text().notNull(),
})

export const drizzleOnPg: Host = {
  library: 'Drizzle on pg',
  async open(url) {
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    const db = onPg(pool)
    return {
      transaction: (run) =>
        db.transaction((tx) =>
          run({
            client: fromDrizzle(tx),
            addAgent: async (name, identity) => tx.insert(agents).values({ name, identity }),
          }),
        ),
      beside: () => fromDrizzle(db as never),
      close: () => pool.end(),
    }
  },
}

export const drizzleOnPostgresJs: Host = {
  library: 'Drizzle on postgres.js',
  async open(url) {
    const sql = postgres(url, { max: 4 })
    const db = onPostgresJs(sql)
    return {
      transaction: (run) =>
        db.transaction((tx) =>
          run({
            client: fromDrizzle(tx),
            addAgent: async (name, identity) => tx.insert(agents).values({ name, identity }),
          }),
        ),
      beside: () => fromDrizzle(db as never),
      close: () => sql.end(),
    }
  },
}
