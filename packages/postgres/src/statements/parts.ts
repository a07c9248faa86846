// What several statements have in common. A parameter of a JSON column goes through text: a client that learns that a parameter
// is JSON would encode it once more.

/**
 * Puts the events of parameter `$n` into the outbox if the part `from` of the statement has a row. Each is one text: its
 * organization, a line feed, which no JSON of ours contains, and the event.
 */
export const noteIf = (from: string, n: number): string => `
  noted AS (
    INSERT INTO @outbox (organization, event)
    SELECT ${EVENT_COLUMNS} FROM unnest($${n}::text[]) WITH ORDINALITY AS e (event, place)
    WHERE EXISTS (SELECT FROM ${from}) ORDER BY e.place
  )`

/**
 * Checks a text column of a row that its id has found already. No index answers this: a plan that was made while the
 * table was empty could otherwise look for the id through every name of an organization, however large that has become.
 */
export const besides = (column: string, value: string): string => `${column} || '' = ${value}`

/**
 * The credentials that digests name, by their places among these. Each is looked for by itself: joined with the whole
 * table, a plan that was made while the table was empty would read it from end to end. There is a digest for each root
 * key, which are three at most; of an array of unknown length Postgres expects more, and then makes a new plan each time.
 */
export const namedBy = (digests: string): string => `
    SELECT c.*, d.place FROM (
      SELECT * FROM unnest(${digests}::text[]) WITH ORDINALITY AS d (digest, place) LIMIT 4
    ) d
    CROSS JOIN LATERAL (SELECT * FROM @credentials WHERE digest = d.digest LIMIT 1) c`

/** The columns of the outbox out of the text of an event `e`. */
export const EVENT_COLUMNS = `split_part(e.event, chr(10), 1), split_part(e.event, chr(10), 2)::json`

/** An identity as `toIdentity` reads it. */
export const identityOf = (i: string): string =>
  `json_build_object('record', ${i}.record, 'lastLoginAt', ${i}.last_login_at)`

/** A credential as `toCredential` reads it. */
export const credentialOf = (c: string): string => `json_build_object(
    'record', ${c}.record, 'name', ${c}.name, 'uses', ${c}.uses, 'firstUsedAt', ${c}.first_used_at,
    'lastUsedAt', ${c}.last_used_at, 'expiresAt', ${c}.expires_at, 'revoked', ${c}.revoked,
    'replacedBy', ${c}.replaced_by, 'rootKey', ${c}.root_key
  )`

/** What an identity holds, by the id of the binding, each with the stored role that it names. */
export const heldBy = (organization: string, kind: string, id: string): string => `(
    SELECT coalesce(json_agg(json_build_array(b.record, r.record) ORDER BY b.id), '[]')
    FROM @role_bindings b
    LEFT JOIN @roles r ON r.organization = b.organization AND r.id = b.stored_role
    WHERE b.organization = ${organization} AND b.subject_kind = ${kind} AND b.subject_id = ${id}
  )`

/** Sets the mark that ends tokens, or lets one that stands last longer; answers whether it stood. */
export const mark = (select: string): string => `
    INSERT INTO @revocations AS r (organization, id, until) ${select}
    ON CONFLICT (organization, id) DO UPDATE
    SET until = greatest(r.until, excluded.until), stood = true
    RETURNING stood`
