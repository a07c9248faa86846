// The tables are known in one place: where they are made.
export type { Database } from '../../../postgres/test/support/database.ts'
export { openDatabase } from '../../../postgres/test/support/database.ts'
