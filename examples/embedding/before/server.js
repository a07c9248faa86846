const { Pool } = require('pg')
const { createApp } = require('./app')
const { createTables } = require('./tables')

async function start() {
  const pool = new Pool({ connectionString: process.env.DATABASE_URL })
  await createTables(pool)
  const server = createApp({ pool }).listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${server.address().port}`)
  })
  process.once('SIGTERM', () => server.close(() => pool.end()))
}

start().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
