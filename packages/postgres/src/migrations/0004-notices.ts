import type { Migration } from './migration.ts'

// A day without use is an index over days, so that a login writes to it once a day at the most.

/** What was told of credentials that end soon, and of identities that nobody uses. */
export const notices: Migration = {
  version: 4,
  name: 'notices',
  breaking: false,
  statements: [
    `ALTER TABLE @credentials ADD COLUMN expiry_noted bigint`,
    `ALTER TABLE @identities ADD COLUMN unused_noted_at bigint`,
    `ALTER TABLE @identities ADD COLUMN unused_day bigint GENERATED ALWAYS AS (CASE
      WHEN disabled OR unused_noted_at >= coalesce(last_login_at, created_at) THEN NULL
      ELSE coalesce(last_login_at, created_at) / 86400000
    END) STORED`,
    `CREATE INDEX identities_by_disuse ON @identities (unused_day) WHERE unused_day IS NOT NULL`,
  ],
}
