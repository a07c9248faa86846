import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

// An adapter translates; one that grows has begun to decide.
test.each(['express', 'koa', 'fastify', 'hono', 'nest'])(
  'the adapter for %s is under 120 lines',
  (name) => {
    const text = readFileSync(`packages/${name}/src/index.ts`, 'utf8')
    expect(text.trimEnd().split('\n').length).toBeLessThan(120)
  },
)
