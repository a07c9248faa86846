// One of several processes that start at once on an empty database.

import { migrate } from '@countersign/postgres'
import pg from 'pg'

const [url = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 1 })
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  process.stdout.write(`${JSON.stringify(await migrate(pool))}\n`)
  await pool.end()
  process.exit()
})
