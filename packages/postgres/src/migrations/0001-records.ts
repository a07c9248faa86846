import type { Migration } from './migration.ts'

// Instants are whole milliseconds since 1970, which is what a Date holds. Texts compare by code point: COLLATE "C".
// What only people change stands in `record`, as it was given; what statements decide on or change has a column.

/** The records of a deployment, what logins and tokens leave behind, and the stream of events. */
export const records: Migration = {
  version: 1,
  name: 'records',
  breaking: true,
  statements: [
    `CREATE TABLE @deployment (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      epoch bigint NOT NULL DEFAULT 0,
      key_revision bigint NOT NULL DEFAULT 0
    )`,
    `INSERT INTO @deployment DEFAULT VALUES`,

    `CREATE TABLE @organizations (
      id text COLLATE "C" PRIMARY KEY,
      name text COLLATE "C" NOT NULL,
      revision bigint NOT NULL,
      record json NOT NULL
    )`,
    `CREATE INDEX organizations_by_name ON @organizations (name, id)`,

    `CREATE TABLE @projects (
      organization text COLLATE "C" NOT NULL REFERENCES @organizations ON DELETE CASCADE,
      id text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL,
      revision bigint NOT NULL,
      record json NOT NULL,
      PRIMARY KEY (organization, id)
    )`,
    `CREATE INDEX projects_by_name ON @projects (organization, name, id)`,

    `CREATE TABLE @identities (
      id text COLLATE "C" PRIMARY KEY,
      organization text COLLATE "C" NOT NULL REFERENCES @organizations ON DELETE CASCADE,
      project text COLLATE "C",
      name text COLLATE "C" NOT NULL,
      slug text COLLATE "C",
      owner text COLLATE "C",
      metadata text[] COLLATE "C" NOT NULL,
      disabled boolean NOT NULL,
      generation bigint NOT NULL,
      revision bigint NOT NULL,
      created_at bigint NOT NULL,
      last_login_at bigint,
      record json NOT NULL,
      FOREIGN KEY (organization, project) REFERENCES @projects ON DELETE CASCADE
    )`,
    `CREATE UNIQUE INDEX identities_by_slug ON @identities (organization, slug)`,
    `CREATE INDEX identities_by_id ON @identities (organization, id)`,
    `CREATE INDEX identities_by_name ON @identities (organization, name, id)`,
    `CREATE INDEX identities_by_project ON @identities (organization, project, id) WHERE project IS NOT NULL`,
    `CREATE INDEX identities_by_owner ON @identities (organization, owner, id) WHERE owner IS NOT NULL`,
    `CREATE INDEX identities_by_metadata ON @identities USING gin (metadata)`,

    `CREATE TABLE @auth_methods (
      id text COLLATE "C" PRIMARY KEY,
      organization text COLLATE "C" NOT NULL,
      identity text COLLATE "C" NOT NULL REFERENCES @identities ON DELETE CASCADE,
      method text COLLATE "C" NOT NULL,
      revision bigint NOT NULL,
      record json NOT NULL,
      UNIQUE (identity, method)
    )`,

    `CREATE TABLE @roles (
      organization text COLLATE "C" NOT NULL REFERENCES @organizations ON DELETE CASCADE,
      id text COLLATE "C" NOT NULL,
      project text COLLATE "C",
      slug text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL,
      revision bigint NOT NULL,
      record json NOT NULL,
      PRIMARY KEY (organization, id),
      FOREIGN KEY (organization, project) REFERENCES @projects ON DELETE CASCADE
    )`,
    `CREATE UNIQUE INDEX roles_of_organizations ON @roles (organization, slug) WHERE project IS NULL`,
    `CREATE UNIQUE INDEX roles_of_projects ON @roles (organization, project, slug) WHERE project IS NOT NULL`,
    `CREATE INDEX roles_by_name ON @roles (organization, name, id)`,

    `CREATE TABLE @role_bindings (
      organization text COLLATE "C" NOT NULL REFERENCES @organizations ON DELETE CASCADE,
      id text COLLATE "C" NOT NULL,
      project text COLLATE "C",
      subject_kind text COLLATE "C" NOT NULL,
      subject_id text COLLATE "C" NOT NULL,
      identity text COLLATE "C" REFERENCES @identities ON DELETE CASCADE,
      role text COLLATE "C" NOT NULL,
      stored_role text COLLATE "C",
      direct boolean NOT NULL,
      record json NOT NULL,
      PRIMARY KEY (organization, id),
      FOREIGN KEY (organization, project) REFERENCES @projects ON DELETE CASCADE,
      FOREIGN KEY (organization, stored_role) REFERENCES @roles ON DELETE CASCADE
    )`,
    `CREATE INDEX role_bindings_by_subject ON @role_bindings (organization, subject_kind, subject_id, id)`,
    `CREATE INDEX role_bindings_by_role ON @role_bindings (organization, role, id)`,
    `CREATE INDEX role_bindings_by_stored_role ON @role_bindings (organization, stored_role) WHERE stored_role IS NOT NULL`,
    `CREATE INDEX role_bindings_by_project ON @role_bindings (organization, project, id) WHERE project IS NOT NULL`,
    `CREATE INDEX role_bindings_by_identity ON @role_bindings (identity) WHERE identity IS NOT NULL`,

    `CREATE TABLE @credentials (
      id text COLLATE "C" PRIMARY KEY,
      kind text COLLATE "C" NOT NULL CHECK (kind IN ('secret', 'token')),
      organization text COLLATE "C" NOT NULL,
      identity text COLLATE "C" NOT NULL,
      auth_method text COLLATE "C" NOT NULL REFERENCES @auth_methods ON DELETE CASCADE,
      name text COLLATE "C" NOT NULL,
      digest text COLLATE "C" NOT NULL UNIQUE,
      root_key text COLLATE "C" NOT NULL,
      max_uses bigint,
      uses bigint NOT NULL,
      first_used_at bigint,
      last_used_at bigint,
      expires_at bigint,
      revoked_at bigint,
      revoked json,
      replaced_by text COLLATE "C",
      end_noted boolean NOT NULL DEFAULT false,
      created_at bigint NOT NULL,
      record json NOT NULL,
      ended_at bigint GENERATED ALWAYS AS (LEAST(
        revoked_at, expires_at, CASE WHEN uses >= max_uses THEN coalesce(last_used_at, created_at) END
      )) STORED
    ) WITH (fillfactor = 80)`,
    `CREATE INDEX credentials_by_name ON @credentials (identity, kind, name, id)`,
    `CREATE INDEX credentials_by_auth_method ON @credentials (auth_method)`,
    `CREATE INDEX credentials_by_root_key ON @credentials (root_key) WHERE revoked_at IS NULL`,
    `CREATE INDEX credentials_by_end ON @credentials (ended_at) WHERE ended_at IS NOT NULL`,
    `CREATE INDEX credentials_replaced ON @credentials (expires_at)
      WHERE replaced_by IS NOT NULL AND revoked_at IS NULL AND NOT end_noted`,

    `CREATE TABLE @counters (
      organization text COLLATE "C" NOT NULL,
      identity text COLLATE "C" NOT NULL,
      method text COLLATE "C" NOT NULL,
      class text COLLATE "C" NOT NULL,
      failures bigint NOT NULL,
      locked boolean NOT NULL,
      expires_at bigint NOT NULL,
      counted boolean NOT NULL,
      PRIMARY KEY (organization, identity, method, class)
    ) WITH (fillfactor = 50)`,
    `CREATE INDEX counters_by_end ON @counters (expires_at)`,

    `CREATE TABLE @known_sources (
      organization text COLLATE "C" NOT NULL,
      identity text COLLATE "C" NOT NULL,
      method text COLLATE "C" NOT NULL,
      source text COLLATE "C" NOT NULL,
      since bigint NOT NULL,
      until bigint NOT NULL,
      PRIMARY KEY (organization, identity, method, source)
    )`,
    `CREATE INDEX known_sources_by_end ON @known_sources (until)`,

    `CREATE TABLE @use_counts (
      organization text COLLATE "C" NOT NULL,
      session text COLLATE "C" NOT NULL,
      identity text COLLATE "C" NOT NULL,
      auth_method text COLLATE "C" NOT NULL,
      uses bigint NOT NULL,
      until bigint NOT NULL,
      PRIMARY KEY (organization, session)
    ) WITH (fillfactor = 50)`,
    `CREATE INDEX use_counts_by_identity ON @use_counts (identity)`,
    `CREATE INDEX use_counts_by_end ON @use_counts (until)`,

    `CREATE TABLE @revocations (
      organization text COLLATE "C" NOT NULL,
      id text COLLATE "C" NOT NULL,
      until bigint NOT NULL,
      stood boolean NOT NULL DEFAULT false,
      PRIMARY KEY (organization, id)
    )`,
    `CREATE INDEX revocations_by_end ON @revocations (until)`,

    `CREATE TABLE @once (
      digest bytea PRIMARY KEY,
      until bigint NOT NULL
    )`,
    `CREATE INDEX once_by_end ON @once (until)`,

    `CREATE TABLE @signing_keys (
      kid text COLLATE "C" PRIMARY KEY,
      active_from bigint NOT NULL,
      superseded_at bigint,
      retires_at bigint,
      sealed text COLLATE "C" NOT NULL,
      record json NOT NULL
    )`,

    `CREATE TABLE @outbox (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      organization text COLLATE "C" NOT NULL,
      event json NOT NULL
    )`,
    `CREATE INDEX outbox_by_organization ON @outbox (organization)`,
  ],
}
