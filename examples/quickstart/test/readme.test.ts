import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')

test('README shows app.ts of the quickstart, letter by letter', async () => {
  const [, shown] = (await read('../../../README.md')).match(/^```ts app\.ts\n(.*?)^```$/ms) ?? []
  expect(shown).toBe(await read('../src/app.ts'))
})
