import type { Migration } from './migration.ts'

// The chain of the events that belong to no organization is that of the organization '', which is nobody's id.

/** The chains of sealed events, and how far sinks have come in them. */
export const trail: Migration = {
  version: 2,
  name: 'trail',
  breaking: true,
  statements: [
    `CREATE TABLE @stream (
      single boolean PRIMARY KEY DEFAULT true CHECK (single),
      position bigint NOT NULL DEFAULT 0,
      sealed_at bigint
    )`,
    `INSERT INTO @stream DEFAULT VALUES`,

    `CREATE TABLE @chains (
      organization text COLLATE "C" PRIMARY KEY,
      index bigint NOT NULL,
      hash text COLLATE "C" NOT NULL,
      checkpoint json,
      checkpoint_index bigint NOT NULL DEFAULT 0,
      checkpoint_kid text COLLATE "C",
      anchor_index bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50)`,

    `CREATE TABLE @events (
      position bigint PRIMARY KEY,
      organization text COLLATE "C" NOT NULL,
      index bigint NOT NULL,
      hash text COLLATE "C" NOT NULL,
      sealed_at bigint NOT NULL,
      happened_at bigint NOT NULL,
      type text COLLATE "C" NOT NULL,
      event json NOT NULL,
      UNIQUE (organization, index)
    )`,
    `CREATE INDEX events_by_type ON @events (organization, type, index)`,
    `CREATE INDEX events_by_age ON @events (organization, sealed_at, index)`,

    `CREATE TABLE @event_identities (
      organization text COLLATE "C" NOT NULL,
      identity text COLLATE "C" NOT NULL,
      index bigint NOT NULL,
      PRIMARY KEY (organization, identity, index)
    )`,
    `CREATE INDEX event_identities_by_index ON @event_identities (organization, index)`,

    // Whoever runs the engine may not delete events, but for those that a checkpoint has let go.
    `CREATE FUNCTION @forget_events(before bigint, most bigint) RETURNS bigint
      LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
      WITH gone AS (
        DELETE FROM @events WHERE position IN (
          SELECT e.position FROM @chains c
          JOIN @events e ON e.organization = c.organization AND e.index <= c.anchor_index
          WHERE e.sealed_at < before
          LIMIT most
          FOR UPDATE OF e SKIP LOCKED
        ) RETURNING organization, index
      ), names AS (
        DELETE FROM @event_identities n USING gone
        WHERE n.organization = gone.organization AND n.index = gone.index
      )
      SELECT count(*) FROM gone
    $$`,
    `REVOKE ALL ON FUNCTION @forget_events(bigint, bigint) FROM PUBLIC`,

    `CREATE TABLE @sink_places (
      sink text COLLATE "C" PRIMARY KEY,
      position bigint NOT NULL DEFAULT 0,
      holder text COLLATE "C",
      until bigint
    )`,
  ],
}
