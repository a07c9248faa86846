import type { Migration } from './migration.ts'

// Whoever runs the engine makes no table and deletes no event: both functions here are its owner's, and do no more than
// they say. Months are those of UTC, and begin and end at milliseconds since 1970.

/** Sealed events in one partition for each month, and chains that know what is due of them. */
export const months: Migration = {
  version: 3,
  name: 'months',
  breaking: true,
  statements: [
    `ALTER TABLE @events RENAME TO events_before`,
    `ALTER TABLE @events_before DROP CONSTRAINT events_pkey, DROP CONSTRAINT events_organization_index_key`,
    `DROP INDEX @events_by_type, @events_by_age`,
    `DROP TABLE @event_identities`,

    // What events are searched by is made of the event itself, so it cannot say anything else.
    `CREATE TABLE @events (
      position bigint NOT NULL,
      index bigint NOT NULL,
      sealed_at bigint NOT NULL,
      hash text COLLATE "C" NOT NULL,
      event json NOT NULL,
      organization text COLLATE "C" NOT NULL
        GENERATED ALWAYS AS (coalesce(event ->> 'organization', '')) STORED,
      type text COLLATE "C" NOT NULL GENERATED ALWAYS AS (event ->> 'type') STORED,
      happened_at text COLLATE "C" NOT NULL GENERATED ALWAYS AS (event ->> 'at') STORED,
      actor_identity text COLLATE "C" GENERATED ALWAYS AS (
        CASE WHEN event -> 'actor' ->> 'kind' = 'identity' THEN event -> 'actor' ->> 'id' END
      ) STORED,
      target_identity text COLLATE "C" GENERATED ALWAYS AS (
        CASE WHEN event -> 'target' ->> 'kind' = 'identity' THEN event -> 'target' ->> 'id' END
      ) STORED,
      named_identity text COLLATE "C" GENERATED ALWAYS AS (
        CASE WHEN json_typeof(event -> 'details' -> 'identity') = 'string'
          THEN event -> 'details' ->> 'identity' END
      ) STORED,
      PRIMARY KEY (position, sealed_at),
      UNIQUE (organization, index, sealed_at)
    ) PARTITION BY RANGE (sealed_at)`,
    `CREATE INDEX events_by_type ON @events (organization, type, index)`,
    ...['actor', 'target', 'named'].map(
      (part) => `CREATE INDEX events_by_${part} ON @events (organization, ${part}_identity, index)
        WHERE ${part}_identity IS NOT NULL`,
    ),

    openMonths(),
    `REVOKE ALL ON FUNCTION @open_months(bigint) FROM PUBLIC`,
    `SELECT @open_months(sealed_at) FROM (
      SELECT min(sealed_at) AS sealed_at FROM @events_before
      GROUP BY date_trunc('month', to_timestamp(sealed_at / 1000.0) AT TIME ZONE 'UTC')
    ) AS first`,
    `INSERT INTO @events (position, index, sealed_at, hash, event)
      SELECT position, index, sealed_at, hash, event FROM @events_before`,
    `DROP TABLE @events_before`,

    ...chainsThatKnow(),
    forgetEvents(),
  ],
}

/** Makes the partitions of the month of an instant and of the month behind it, where they are missing. */
function openMonths(): string {
  return `CREATE FUNCTION @open_months(instant bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms'
    AS $countersign$
    DECLARE
      first timestamp := date_trunc('month', to_timestamp(instant / 1000.0) AT TIME ZONE 'UTC');
      opened timestamp;
      lower_end bigint;
      upper_end bigint;
      name text;
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtextextended('@events', 0));
      FOR ahead IN 0..1 LOOP
        opened := first + make_interval(months => ahead);
        lower_end := extract(epoch FROM opened)::bigint * 1000;
        upper_end := extract(epoch FROM opened + interval '1 month')::bigint * 1000;
        name := format('@events_%s', to_char(opened, 'YYYY_MM'));
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        -- Attaching a table waits for no reader, as making it in place would.
        EXECUTE format('CREATE TABLE %s (LIKE @events INCLUDING ALL)', name);
        EXECUTE format(
          'ALTER TABLE @events ATTACH PARTITION %s FOR VALUES FROM (%s) TO (%s)', name, lower_end, upper_end
        );
      END LOOP;
    END
    $countersign$`
}

/** What `unchecked` asks stands in the chain's own row, and the checkpoint's part of it cannot differ from the checkpoint. */
function chainsThatKnow(): readonly string[] {
  const part = (path: string): string =>
    `bigint NOT NULL GENERATED ALWAYS AS (coalesce((checkpoint ${path})::bigint, 0)) STORED`
  const firstBehind = (index: string): string => `(
      SELECT e.sealed_at FROM @events e
      WHERE e.organization = c.organization AND e.index > c.${index} ORDER BY e.index LIMIT 1
    )`
  return [
    `ALTER TABLE @chains
      DROP COLUMN checkpoint_index, DROP COLUMN anchor_index, DROP COLUMN checkpoint_kid,
      ADD COLUMN checkpoint_index ${part("->> 'index'")},
      ADD COLUMN anchor_index ${part("-> 'anchor' ->> 'index'")},
      ADD COLUMN checkpoint_kid text COLLATE "C" GENERATED ALWAYS AS (checkpoint ->> 'kid') STORED,
      ADD COLUMN unchecked_since bigint,
      ADD COLUMN kept_since bigint`,
    `UPDATE @chains c SET
      unchecked_since = CASE WHEN index > checkpoint_index THEN coalesce(${firstBehind('checkpoint_index')}, 0) END,
      kept_since = CASE WHEN index > anchor_index THEN coalesce(${firstBehind('anchor_index')}, 0) END`,
    // An event that no signature covers cannot be kept from the next one by an edit of its chain.
    `ALTER TABLE @chains
      ADD CHECK (unchecked_since IS NOT NULL OR index <= checkpoint_index),
      ADD CHECK (kept_since IS NOT NULL OR index <= anchor_index)`,
    `CREATE INDEX chains_by_age ON @chains (unchecked_since) WHERE unchecked_since IS NOT NULL`,
    `CREATE INDEX chains_by_growth ON @chains ((index - checkpoint_index)) WHERE unchecked_since IS NOT NULL`,
    `CREATE INDEX chains_by_kept ON @chains (kept_since) WHERE kept_since IS NOT NULL`,
    `CREATE INDEX chains_by_key ON @chains (checkpoint_kid)`,
  ]
}

/**
 * Forgets one month that is over before an instant, if it has anything to forget, and answers how many events that were.
 * A month in which a checkpoint has let go of everything is dropped; of another one go the events that may, `most` at a
 * time. Into a month that the stream has left nothing is sealed any more.
 */
function forgetEvents(): string {
  const counted = `
    SELECT coalesce(sum(part.last - part.first + 1), 0), coalesce(bool_and(part.last <= part.anchor), true)
    FROM (
      SELECT c.anchor_index AS anchor,
        (SELECT min(e.index) FROM %1$s e WHERE e.organization = c.organization) AS first,
        (SELECT max(e.index) FROM %1$s e WHERE e.organization = c.organization) AS last
      FROM @chains c
    ) part WHERE part.last IS NOT NULL`
  const deleted = `
    WITH gone AS (
      DELETE FROM %1$s WHERE position IN (
        SELECT e.position FROM @chains c
        JOIN %1$s e ON e.organization = c.organization AND e.index <= c.anchor_index
        ORDER BY c.organization, e.index LIMIT $1
      ) RETURNING 1
    ) SELECT count(*) FROM gone`
  return `CREATE OR REPLACE FUNCTION @forget_events(before bigint, most bigint) RETURNS bigint
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '500ms'
    AS $countersign$
    DECLARE
      old record;
      forgotten bigint;
      is_let_go boolean;
    BEGIN
      IF NOT pg_try_advisory_xact_lock(hashtextextended('@events', 0)) THEN RETURN 0; END IF;
      FOR old IN
        SELECT month.* FROM (
          SELECT c.oid::regclass AS partition,
            substring(pg_get_expr(c.relpartbound, c.oid) FROM 'TO \\(''?(\\d+)')::bigint AS until
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '@events'::regclass
        ) AS month WHERE month.until <= before ORDER BY month.until
      LOOP
        is_let_go := false;
        IF old.until <= (SELECT s.sealed_at FROM @stream s)
          AND NOT EXISTS (SELECT FROM @chains c WHERE c.kept_since < old.until) THEN
          EXECUTE format('${counted}', old.partition) INTO forgotten, is_let_go;
        END IF;
        IF is_let_go THEN
          EXECUTE format('DROP TABLE %s', old.partition);
        ELSE
          EXECUTE format('${deleted}', old.partition) INTO forgotten USING most;
        END IF;
        IF forgotten > 0 THEN RETURN forgotten; END IF;
      END LOOP;
      RETURN 0;
    EXCEPTION WHEN lock_not_available THEN
      RETURN 0;
    END
    $countersign$`
}
