import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const core = join(root, 'packages/core/src')
const tsc = join(
  dirname(createRequire(join(root, 'package.json')).resolve('typescript/package.json')),
  'bin/tsc',
)

/** Each mistake, with its wrong word between two marks. */
const mistakes = {
  'a misspelt method': `await engine.login({ «method»: 'phrases', identity: 'i', credential: { phrase: 'p' } }, source)`,
  'a misspelt member of a credential': `await engine.login({ method: 'phrase', identity: 'i', credential: { «phras»: 'p' } }, source)`,
  'the credential of another method': `await engine.login({ method: 'phrase', identity: 'i', credential: { «clientSecret»: 's' } }, source)`,
  'an unknown option': `createCountersign({ issuer, rootKeys, storage, «cachTtl»: 0, verifiers: [phrase] })`,
  'an option of another type': `createCountersign({ issuer, rootKeys, storage, «cacheTtl»: '1 s', verifiers: [phrase] })`,
  'the policy of another method': `await host.authMethods.attach({ ...key, method: 'universal', policy: { «language»: 'l' } })`,
  'a misspelt member of a policy': `await host.authMethods.attach({ ...key, method: 'phrase', policy: { «langauge»: 'l' } })`,
  'a misspelt method of an identity': `await host.identities.create({ organization: 'o', name: 'n', authMethod: { «method»: 'phrases' } })`,
  'an unknown member of a token policy': `await host.authMethods.update({ ...key, method: 'phrase', tokenPolicy: { «maxTTL»: 1 } })`,
}

const preamble = [
  `import { createCountersign, memoryStorage } from '${join(core, 'index.ts')}'`,
  `import type { Verifier } from '${join(core, 'plugin.ts')}'`,
  `declare const phrase: Verifier<'phrase', { readonly language: string }, { readonly phrase: string }>`,
  `const storage = memoryStorage()`,
  `const source = { address: '192.0.2.1' }`,
  `const issuer = 'https://id.example.com'`,
  `const rootKeys = ['']`,
  `const key = { organization: 'o', identity: 'i' }`,
  `const engine = createCountersign({ issuer, rootKeys, storage, verifiers: [phrase] })`,
  `const host = engine.asHost('types')`,
]

let folder = ''
let reported: readonly string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-types-'))
  const lines = [...preamble, ...Object.values(mistakes).map((line) => line.replace(/[«»]/g, ''))]
  const compilerOptions = {
    rewriteRelativeImportExtensions: false,
    typeRoots: [join(root, 'node_modules/@types')],
  }
  const config = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions,
    files: ['mistakes.ts'],
  }
  await writeFile(join(folder, 'mistakes.ts'), `${lines.join('\n')}\nexport {}\n`)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const run = promisify(execFile)(process.execPath, [tsc, '--pretty', 'false', '-p', folder])
  const { stdout } = await run.catch((error: { readonly stdout: string }) => error)
  reported = stdout.split('\n').filter((line) => line.includes('mistakes.ts('))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('an editor', () => {
  test.each(Object.entries(mistakes))('points at the wrong word of %s', (name, marked) => {
    const line = preamble.length + Object.keys(mistakes).indexOf(name) + 1
    const word = /«(.+)»/.exec(marked)?.[1] ?? ''
    const places = reported.flatMap((text) => {
      const [, row, column] = /mistakes\.ts\((\d+),(\d+)\)/.exec(text) ?? []
      return Number(row) === line ? [Number(column)] : []
    })
    expect(word).not.toBe('')
    expect(places).toEqual([marked.indexOf('«') + 1])
  })

  test('finds no other mistake', () => {
    expect(reported.length).toBe(Object.keys(mistakes).length)
  })
})
