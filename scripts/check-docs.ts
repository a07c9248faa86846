import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { findDocBlocks } from './doc-blocks.ts'

// Compiles the TypeScript of README and docs against the built packages, as a stranger's files. Run `pnpm build` first.
const folder = '.reports/docs'

const packages = {
  '@countersign/aws': 'packages/aws',
  '@countersign/client': 'packages/client',
  '@countersign/core': 'packages/core',
  '@countersign/evidence': 'packages/evidence',
  '@countersign/express': 'packages/express',
  '@countersign/fastify': 'packages/fastify',
  '@countersign/hono': 'packages/hono',
  '@countersign/http': 'packages/http',
  '@countersign/koa': 'packages/koa',
  '@countersign/nest': 'packages/nest',
  '@countersign/azure': 'packages/azure',
  '@countersign/gcp': 'packages/gcp',
  '@countersign/kubernetes': 'packages/kubernetes',
  '@countersign/ldap': 'packages/ldap',
  '@countersign/oidc': 'packages/oidc',
  '@countersign/postgres': 'packages/postgres',
  '@countersign/redis': 'packages/redis',
  '@countersign/testing': 'packages/testing',
  '@countersign/tls': 'packages/tls',
  '@types/express': 'packages/express/node_modules/@types/express',
  '@types/koa': 'packages/koa/node_modules/@types/koa',
  '@types/pg': 'packages/postgres/node_modules/@types/pg',
  express: 'packages/express/node_modules/express',
  fastify: 'packages/fastify/node_modules/fastify',
  hono: 'packages/hono/node_modules/hono',
  ioredis: 'packages/redis/node_modules/ioredis',
  koa: 'packages/koa/node_modules/koa',
  pg: 'packages/postgres/node_modules/pg',
  redis: 'packages/redis/node_modules/redis',
}

const tsconfig = {
  compilerOptions: {
    target: 'ES2023',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    allowImportingTsExtensions: true,
    declaration: true,
    noEmit: true,
    skipLibCheck: true,
    types: ['node'],
  },
  include: ['**/*.ts'],
}

function link(name: string, target: string): void {
  const path = join(folder, 'node_modules', name)
  mkdirSync(dirname(path), { recursive: true })
  symlinkSync(resolve(target), path)
}

/** Writes the blocks of a page below a folder of its name; each line keeps its number, so that errors name it. */
function extract(page: string): number {
  const blocks = findDocBlocks(readFileSync(page, 'utf8'))
  for (const { name, before, code } of blocks) {
    const path = join(folder, page.replace(/\.md$/, ''), name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${'\n'.repeat(before)}${code}\nexport {}\n`)
  }
  return blocks.length
}

rmSync(folder, { recursive: true, force: true })
for (const [name, target] of Object.entries(packages)) link(name, target)
const guides = readdirSync('docs', { recursive: true, encoding: 'utf8' })
const pages = ['README.md', ...guides.map((path) => `docs/${path}`)].filter((path) =>
  path.endsWith('.md'),
)
const count = pages.map(extract).reduce((sum, blocks) => sum + blocks, 0)
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
const { status } = spawnSync('tsc', ['--project', folder], { stdio: 'inherit' })
console.log(`docs: ${count} blocks on ${pages.length} pages ${status === 0 ? 'compile' : 'fail'}`)
process.exitCode = status === 0 ? 0 : 1
