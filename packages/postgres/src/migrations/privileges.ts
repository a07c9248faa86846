// What a running engine does with each table. It makes no table, and changes no event that is sealed.

const RECORDS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const

/** The privileges of the role that an engine runs as. */
export const privileges: Readonly<Record<string, readonly string[]>> = {
  deployment: ['SELECT', 'UPDATE'],
  organizations: RECORDS,
  projects: RECORDS,
  identities: RECORDS,
  auth_methods: RECORDS,
  auth_templates: RECORDS,
  roles: RECORDS,
  role_bindings: RECORDS,
  credentials: RECORDS,
  counters: RECORDS,
  known_sources: RECORDS,
  use_counts: RECORDS,
  revocations: RECORDS,
  once: RECORDS,
  signing_keys: RECORDS,
  repeats: RECORDS,
  changes: ['SELECT', 'INSERT', 'DELETE'],
  outbox: ['SELECT', 'INSERT', 'DELETE'],
  stream: ['SELECT', 'UPDATE'],
  chains: ['SELECT', 'INSERT', 'UPDATE'],
  events: ['SELECT', 'INSERT'],
  sink_places: ['SELECT', 'INSERT', 'UPDATE'],
  migrations: ['SELECT'],
}

/** The functions that it may call. */
export const callable: readonly string[] = ['open_months(bigint)', 'forget_events(bigint, bigint)']
