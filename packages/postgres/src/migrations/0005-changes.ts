import type { Migration } from './migration.ts'

// A transaction that began earlier may commit later: who asks for what is new asks by transaction, not by number.

/** What nodes tell each other where they cannot be notified; kept for ten minutes. */
export const changes: Migration = {
  version: 5,
  name: 'changes',
  breaking: false,
  statements: [
    `CREATE TABLE @changes (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
      told_at bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
      message text COLLATE "C" NOT NULL
    )`,
    `CREATE INDEX changes_by_transaction ON @changes (transaction, id)`,
    `CREATE INDEX changes_by_age ON @changes (told_at)`,
  ],
}
