const { createCountersign } = require('@countersign/core')
const { migrate, postgresStorage } = require('@countersign/postgres')

/** Starts the engine on the pool that is there, and tells it of the organizations that are. */
exports.startCountersign = async (pool) => {
  await migrate(pool)
  const countersign = createCountersign({
    issuer: process.env.PUBLIC_URL,
    rootKeys: [process.env.COUNTERSIGN_ROOT_KEY],
    storage: postgresStorage({ pool }),
    resources: { report: { scope: 'organization', actions: ['read', 'write'], reads: ['read'] } },
  })
  await countersign.ready()
  const { organizations } = countersign.asHost('start')
  const { rows } = await pool.query('SELECT id, name FROM organizations')
  for (const { id, name } of rows) await organizations.ensure({ id: String(id), name })
  return countersign
}

/** Says of a user of ours what the engine is to know: an id, an organization, and what it may. */
exports.toClaim = (user) =>
  user && {
    user: String(user.id),
    organization: String(user.organization_id),
    bindings: [{ role: user.is_admin ? 'admin' : 'member' }],
  }
