#!/usr/bin/env node
import { open } from 'node:fs/promises'
import { runCli } from '@countersign/postgres/cli'

process.exitCode = await runCli({
  arguments: process.argv.slice(2),
  databaseUrl: process.env.DATABASE_URL,
  print: (line) => console.log(line),
  async openPool(url) {
    const { default: pg } = await import('pg').catch(() => {
      throw new Error('Install pg beside @countersign/postgres: the command line needs it')
    })
    return new pg.Pool({ connectionString: url, max: 1 })
  },
  async *readLines(path) {
    const file = await open(path)
    yield* file.readLines()
  },
})
