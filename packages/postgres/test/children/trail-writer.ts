// One of several processes that append events to one chain, two at a time, and seal what they and the others appended.

import { createCountersign } from '@countersign/core'
import { postgresStorage } from '@countersign/postgres'
import pg from 'pg'
import { anEvent } from '../support/records.ts'

const [url = '', rootKey = '', process_ = '', count = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString: url, max: 4 })
const storage = postgresStorage({ pool, timeout: 60 })
const issuer = 'https://id.example.com'
const countersign = createCountersign({ issuer, rootKeys: [rootKey], storage })
await countersign.ready()
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  let isWriting = true
  const sealing = (async () => {
    while (isWriting) await countersign.maintain()
  })()
  await Promise.all(['a', 'b'].map((writer) => append(`${process_}${writer}`)))
  isWriting = false
  await sealing
  process.stdout.write('done\n')
  await pool.end()
  process.exit()
})

async function append(writer: string): Promise<void> {
  for (let place = 1; place <= Number(count); place += 1) {
    const target = { kind: 'project', id: writer } as const
    const given = { target, details: { place }, organization: 'acme', at: new Date() }
    await storage.outbox.append([anEvent({ id: `evt_${writer}_${place}`, ...given })])
  }
}
