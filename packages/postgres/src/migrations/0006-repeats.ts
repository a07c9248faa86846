import type { Migration } from './migration.ts'

/** Creating requests that may come again, by a digest of their key. */
export const repeats: Migration = {
  version: 6,
  name: 'repeats',
  breaking: false,
  statements: [
    `CREATE TABLE @repeats (
      name text COLLATE "C" PRIMARY KEY,
      fingerprint text COLLATE "C" NOT NULL,
      until bigint NOT NULL,
      made text
    )`,
    `CREATE INDEX repeats_until ON @repeats (until)`,
  ],
}
