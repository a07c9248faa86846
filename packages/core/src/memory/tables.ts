import type {
  AuthMethod,
  AuthTemplate,
  Identity,
  Organization,
  Project,
  RevocationMark,
  Role,
  RoleBinding,
  StoredSigningKey,
} from '../plugin.ts'
import type { Journal } from './journal.ts'
import { createJournalOverlay } from './journal.ts'
import type { Draft } from './overlay.ts'
import { createOverlay } from './overlay.ts'
import type { CounterRow, CredentialRow, KnownRow, OnceMark, UnusedNote, UseCount } from './rows.ts'
import { shapes } from './shapes.ts'
import type { Table } from './table.ts'
import { createTable } from './table.ts'

/** Everything that a deployment remembers. */
export interface Tables {
  readonly organizations: Table<Organization>
  readonly projects: Table<Project>
  readonly identities: Table<Identity>
  readonly authMethods: Table<AuthMethod>
  readonly authTemplates: Table<AuthTemplate>
  readonly roles: Table<Role>
  readonly roleBindings: Table<RoleBinding>
  readonly credentials: Table<CredentialRow>
  readonly counters: Table<CounterRow>
  readonly known: Table<KnownRow>
  readonly unusedNotes: Table<UnusedNote>
  readonly useCounts: Table<UseCount>
  readonly revocations: Table<RevocationMark>
  readonly once: Table<OnceMark>
  readonly told: Table<OnceMark>
  readonly signingKeys: Table<StoredSigningKey>
  readonly journal: Journal
}

/** Creates the empty tables of a deployment, whose events go into a journal. */
export function createTables(journal: Journal): Tables {
  return {
    organizations: createTable(shapes.organizations),
    projects: createTable(shapes.projects),
    identities: createTable(shapes.identities),
    authMethods: createTable(shapes.authMethods),
    authTemplates: createTable(shapes.authTemplates),
    roles: createTable(shapes.roles),
    roleBindings: createTable(shapes.roleBindings),
    credentials: createTable(shapes.credentials),
    counters: createTable(shapes.counters),
    known: createTable(shapes.known),
    unusedNotes: createTable(shapes.unusedNotes),
    useCounts: createTable(shapes.useCounts),
    revocations: createTable(shapes.revocations),
    once: createTable(shapes.once),
    told: createTable(shapes.told),
    signingKeys: createTable(shapes.signingKeys),
    journal,
  }
}

/** What a transaction sees and writes. */
export interface TablesDraft extends Draft {
  readonly tables: Tables
}

/** Creates tables over others, which learn of a change only when it is applied. */
export function draftOf(base: Tables): TablesDraft {
  const journal = createJournalOverlay(base.journal)
  const drafts: Draft[] = [journal]
  const over = <Row>(table: Table<Row>): Table<Row> => {
    const overlay = createOverlay(table)
    drafts.push(overlay)
    return overlay
  }
  const tables: Tables = {
    organizations: over(base.organizations),
    projects: over(base.projects),
    identities: over(base.identities),
    authMethods: over(base.authMethods),
    authTemplates: over(base.authTemplates),
    roles: over(base.roles),
    roleBindings: over(base.roleBindings),
    credentials: over(base.credentials),
    counters: over(base.counters),
    known: over(base.known),
    unusedNotes: over(base.unusedNotes),
    useCounts: over(base.useCounts),
    revocations: over(base.revocations),
    once: over(base.once),
    told: over(base.told),
    signingKeys: over(base.signingKeys),
    journal,
  }
  return {
    tables,
    isCurrent: () => drafts.every((draft) => draft.isCurrent()),
    apply() {
      for (const draft of drafts) draft.apply()
    },
  }
}
