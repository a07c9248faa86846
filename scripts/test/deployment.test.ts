import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const guide = readFileSync('docs/guides/deployment.md', 'utf8')
const [, forms = '', promises = ''] = guide.split(/^\| (?:form|what) .*\n\|[-| ]*\n/m)
const rowsOf = (text: string): readonly string[][] =>
  text
    .split('\n\n')[0]
    ?.trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim())) ?? []

/** The tests that a row names, and the ids among them; the names without a folder are those of the Redis package. */
function namedBy(proof: string): readonly { readonly path: string; readonly ids: string[] }[] {
  let folder = 'packages/redis/test'
  return proof.split('`').flatMap((part, place, parts) => {
    if (place % 2 === 0 || !part.endsWith('.test.ts')) return []
    const slash = part.lastIndexOf('/')
    folder = slash > 0 ? part.slice(0, slash) : folder
    const ids = parts[place + 1]?.match(/[A-Z]{3}-\d{3}/g) ?? []
    return [{ path: slash > 0 ? part : `${folder}/${part}`, ids: [...ids] }]
  })
}

test('the deployment guide has a row for each form', () => {
  const names = rowsOf(forms).map(([, name]) => name)
  for (const form of ['one process', 'Postgres alone', 'with Redis', 'serverless', 'two regions'])
    expect(names.join(), form).toContain(form)
})

test('each promise of the deployment guide names a test that there is, or says that it is argued', () => {
  const rows = rowsOf(promises)
  expect(rows.length).toBeGreaterThan(12)
  for (const [, what, , proof = ''] of rows) {
    const named = namedBy(proof)
    expect(named.length > 0 || proof.startsWith('argued only'), what).toBe(true)
    for (const { path, ids } of named) {
      expect(existsSync(path), path).toBe(true)
      for (const id of ids) expect(readFileSync(path, 'utf8'), `${path} ${id}`).toContain(id)
    }
  }
})
