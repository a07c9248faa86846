import type {
  Holding,
  RoleBinding,
  RoleBindingFilter,
  RoleBindingStore,
  Subject,
} from '@countersign/core/plugin'
import { isRoleId } from '@countersign/core/plugin'
import type { Db } from '../db.ts'
import { readAll } from '../db.ts'
import type { Wanted } from '../page.ts'
import { equal } from '../page.ts'
import type { BoundAnswer, IdentityAnswer, Json } from '../records.ts'
import { toBound, toIdentity, toRoleBinding } from '../records.ts'
import type { Value } from '../statement.ts'
import * as statements from '../statements/role-bindings.ts'
import { createRecordStore } from './record-store.ts'
import { atLevel } from './roles.ts'

/** Creates the store of role bindings. */
export function createRoleBindings(db: Db): RoleBindingStore {
  const records = createRecordStore<
    RoleBinding,
    readonly [string, string],
    Json<RoleBinding>,
    RoleBindingFilter
  >(db, {
    find: statements.findRoleBinding,
    insert: statements.insertRoleBinding,
    remove: statements.removeRoleBinding,
    valuesOf,
    table: 'role_bindings',
    answer: 't.record',
    name: 'role',
    toRow: toRoleBinding,
    nameOf: ({ role = '' }) => role,
    select: ({ organization, project, level, subject, role, direct, inCodeBeside }) => [
      ...equal({ organization, project, role, direct }),
      ...inCode(inCodeBeside),
      ...equal({ subject_kind: subject?.kind, subject_id: subject?.id }),
      ...atLevel(level),
    ],
  })
  return { ...records, heldBy: (organization, subjects) => heldBy(db, organization, subjects) }
}

/** A role in code is known by its slug, a stored one by an id that no slug looks like. */
function inCode(beside: readonly string[] | undefined): readonly Wanted[] {
  if (beside === undefined) return []
  return [["NOT t.direct AND t.role NOT LIKE 'rol\\_%' AND t.role <> ALL (?::text[])", beside]]
}

interface HoldingAnswer {
  readonly identity: IdentityAnswer | null
  readonly bound: readonly BoundAnswer[]
}

async function heldBy(
  db: Db,
  organization: string,
  subjects: readonly Subject[],
): Promise<readonly Holding[]> {
  const answers = await readAll<HoldingAnswer>(db, statements.findHoldings, [
    organization,
    subjects.map(({ kind }) => kind),
    subjects.map(({ id }) => id),
  ])
  return answers.flatMap(({ identity, bound }, index) => {
    const subject = subjects[index]
    if (subject === undefined) return []
    const known = identity === null ? {} : { identity: toIdentity(identity) }
    return [{ subject: { ...subject }, bound: toBound(bound), ...known }]
  })
}

function valuesOf(row: RoleBinding): readonly Value[] {
  const { organization, id, project, subject, role, rules } = row
  return [
    organization,
    id,
    project,
    subject.kind,
    subject.id,
    subject.kind === 'identity' ? subject.id : undefined,
    role ?? '',
    role !== undefined && isRoleId(role) ? role : undefined,
    rules !== undefined,
    JSON.stringify(row),
  ]
}
