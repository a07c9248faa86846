import { expect, test } from 'vitest'
import { findDocBlocks } from '../doc-blocks.ts'

const page = [
  '# A',
  '```ts',
  'a()',
  '```',
  '```sh',
  'no',
  '```',
  '```ts app.ts',
  'b()',
  'c()',
  '```',
]

test('findDocBlocks() finds the TypeScript of a page, by name or by line', () => {
  expect(findDocBlocks(`${page.join('\n')}\n`)).toEqual([
    { name: 'line-2.ts', before: 2, code: 'a()\n' },
    { name: 'app.ts', before: 8, code: 'b()\nc()\n' },
  ])
})
