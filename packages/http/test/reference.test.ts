import { readFile } from 'node:fs/promises'
import { createHandler } from '@countersign/http'
import { expect, test } from 'vitest'
import { bodyOf } from './support/answer.ts'
import { ask } from './support/ask.ts'
import { aWorkload } from './support/workload.ts'

const PAGE = new URL('../../../docs/reference/http.md', import.meta.url)

interface Operation {
  readonly deprecated?: true
}

test('the page of the routes names each of them that is not deprecated, and no other', async () => {
  const { countersign } = await aWorkload()
  const answer = await ask(createHandler(countersign), '/openapi.json', { method: 'GET' })
  const { paths } = bodyOf(answer) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  }
  const served = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { deprecated }]) =>
      deprecated ? [] : [`${method.toUpperCase()} ${path}`],
    ),
  )
  const page = await readFile(PAGE, 'utf8')
  const named = [...page.matchAll(/^\| `([A-Z]+ [^`]+)`/gm)].map(([, route = '']) => route)
  expect(named.toSorted()).toEqual(served.toSorted())
})
