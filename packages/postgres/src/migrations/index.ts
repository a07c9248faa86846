import { records } from './0001-records.ts'
import { trail } from './0002-trail.ts'
import { months } from './0003-months.ts'
import { notices } from './0004-notices.ts'
import { changes } from './0005-changes.ts'
import { repeats } from './0006-repeats.ts'
import { holders } from './0007-holders.ts'
import { templates } from './0008-templates.ts'
import type { Migration } from './migration.ts'

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = [
  records,
  trail,
  months,
  notices,
  changes,
  repeats,
  holders,
  templates,
]
