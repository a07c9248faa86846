const { Pool } = require('pg')
const { createApp } = require('./app')
const { startCountersign } = require('./countersign')
const { createTables } = require('./tables')

async function start() {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL })
  await createTables(pool)
  const countersign = await startCountersign(pool)
  const stop = new AbortController()
  const running = countersign.run({ signal: stop.signal })
  const server = createApp({ pool, countersign }).listen(
    process.env.PORT ?? 3000,
    '127.0.0.1',
    () => {
      console.log(`http://127.0.0.1:${server.address().port}`)
    },
  )
  process.once('SIGTERM', () => {
    stop.abort()
    server.close(async () => {
      await running
      await countersign.close()
      await pool.end()
    })
  })
}

start().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
