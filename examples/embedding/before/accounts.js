const { hashPassword } = require('./sessions')
const { inTransaction } = require('./tables')

/** Creates an organization with its first user, who administers it. */
exports.createAccount = (pool, { organization, email, password }) =>
  inTransaction(pool, async (client) => {
    const created = await client.query(
      'INSERT INTO organizations (name) VALUES ($1) RETURNING id, name',
      [organization],
    )
    const { id } = created.rows[0]
    await client.query(
      'INSERT INTO users (organization_id, email, password, is_admin) VALUES ($1, $2, $3, true)',
      [id, email, hashPassword(password)],
    )
    return created.rows[0]
  })

/** Adds a user who does not administer. */
exports.addUser = async (pool, { organization, email, password }) => {
  await pool.query(
    'INSERT INTO users (organization_id, email, password, is_admin) VALUES ($1, $2, $3, false)',
    [organization, email, hashPassword(password)],
  )
}
