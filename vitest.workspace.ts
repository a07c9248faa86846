import { existsSync, readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const soak = process.env['COUNTERSIGN_SOAK'] === '1'
const report = process.env['COUNTERSIGN_TEST_REPORT']
const timeout = soak ? 1_800_000 : 30_000

const folders = ['packages', 'examples']
  .flatMap((group) => readdirSync(group).map((name) => `${group}/${name}`))
  .filter((folder) => existsSync(`${folder}/test`))

const project = (name: string, root: string, include: string) => ({
  root,
  ssr: { resolve: { conditions: ['@countersign/source', 'node', 'module', 'development'] } },
  test: { name, include: [include], testTimeout: timeout, hookTimeout: timeout },
})

export default defineConfig({
  test: {
    reporters: report ? ['default', ['json', { outputFile: report }]] : ['default'],
    // Real servers start behind this, once per run, each when the first test asks for it.
    globalSetup: ['vitest.servers.ts'],
    projects: [
      project('house', '.', 'scripts/test/**/*.test.ts'),
      ...folders.map((folder) =>
        project(folder.replace('packages/', ''), folder, 'test/**/*.test.ts'),
      ),
    ],
  },
})
