import type { Migration } from './migration.ts'

/** Who may leave the same mark again: a digest of what its first bearer alone knows. */
export const holders: Migration = {
  version: 7,
  name: 'holders',
  breaking: false,
  statements: [`ALTER TABLE @once ADD COLUMN holder text COLLATE "C"`],
}
