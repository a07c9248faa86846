const { createHash, randomBytes, scryptSync, timingSafeEqual } = require('node:crypto')

const HOURS = 12

const digest = (text) => createHash('sha256').update(text).digest('hex')

/** Hashes a password with a salt of its own. */
exports.hashPassword = (password, salt = randomBytes(16).toString('hex')) =>
  `${salt}:${scryptSync(password, salt, 32).toString('hex')}`

/** Starts a session for whoever knows the password, as a cookie; undefined for anybody else. */
exports.startSession = async (pool, email, password) => {
  const { rows } = await pool.query('SELECT id, password FROM users WHERE email = $1', [email])
  const stored = rows[0]?.password ?? exports.hashPassword('nobody')
  const shown = exports.hashPassword(password, stored.split(':')[0])
  const isRight = timingSafeEqual(Buffer.from(stored), Buffer.from(shown))
  if (rows.length === 0 || !isRight) return undefined
  const id = randomBytes(32).toString('base64url')
  const fields = [digest(id), rows[0].id, HOURS]
  await pool.query(
    'INSERT INTO sessions VALUES ($1, $2, now() + make_interval(hours => $3))',
    fields,
  )
  return `session=${id}; HttpOnly; SameSite=Lax; Path=/; Max-Age=${HOURS * 3600}`
}

/** Finds who is signed in; undefined where nobody is. */
exports.findUser = async (pool, request) => {
  const [, id] = /(?:^|; )session=([\w-]+)/.exec(request.headers.cookie ?? '') ?? []
  if (id === undefined) return undefined
  const { rows } = await pool.query(
    `SELECT u.id, u.organization_id, u.is_admin FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = $1 AND s.expires_at > now()`,
    [digest(id)],
  )
  return rows[0]
}
