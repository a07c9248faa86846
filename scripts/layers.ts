// The arrows of the house, written a second time: biome.json enforces them, check-layers.ts proves that it does.

/** Every folder and file of `packages/core/src`, and what each may import besides itself. */
export const layers: Record<string, readonly string[]> = {
  crypto: ['node:crypto', '@noble/hashes/sha2.js'],
  lib: ['#crypto', 'zod'],
  model: ['lib'],
  'model/permission': ['lib', 'model'],
  'errors.ts': ['lib', 'model', 'model/permission'],
  ports: ['lib', 'model', 'model/permission', 'errors.ts'],
  input: ['lib', 'model', 'model/permission', 'errors.ts', 'zod'],
  engine: ['lib', 'model', 'model/permission', 'errors.ts', 'ports', 'input'],
  'engine/manage': ['lib', 'model', 'model/permission', 'errors.ts', 'ports', 'input', 'engine'],
  cache: ['lib', 'model', 'model/permission', 'ports', 'lru-cache'],
  telemetry: ['lib', 'model', 'errors.ts', 'ports', 'lru-cache'],
  'plugin.ts': ['lib', 'model', 'model/permission', 'errors.ts', 'ports', 'system-runtime.ts'],
  methods: ['plugin.ts', 'zod'],
  memory: ['plugin.ts', 'zod'],
  sinks: ['plugin.ts', 'zod'],
  'system-runtime.ts': ['#crypto'],
  verifier: ['lib', 'model', 'errors.ts', 'ports', 'input', 'engine', 'system-runtime.ts'],
  'verifier.ts': [],
  'assemble.ts': [],
  'remember.ts': [],
  'surface.ts': [],
  'runtime.ts': [],
  'countersign.ts': [],
  'index.ts': [],
}

/** The wiring may import every layer. */
export const wiring: readonly string[] = [
  'system-runtime.ts',
  'assemble.ts',
  'remember.ts',
  'surface.ts',
  'verifier.ts',
  'runtime.ts',
  'countersign.ts',
  'index.ts',
]

/** What a layer could reach for outside of core's own folders. */
export const foreign: readonly string[] = [
  '#crypto',
  'zod',
  'jose',
  'ipaddr.js',
  'lru-cache',
  '@noble/hashes/sha2.js',
  'node:crypto',
  'node:fs',
  '@countersign/http',
]

/** Which packages of ours each package may import. */
export const packages: Record<string, readonly string[]> = {
  core: [],
  testing: ['@countersign/core', '@countersign/core/plugin', '@countersign/core/runtime'],
  http: ['@countersign/core', '@countersign/core/plugin'],
  express: ['@countersign/core', '@countersign/http', '@countersign/http/node'],
  koa: ['@countersign/core', '@countersign/http', '@countersign/http/node'],
  fastify: ['@countersign/core', '@countersign/http', '@countersign/http/node'],
  hono: ['@countersign/core', '@countersign/http', '@countersign/http/node'],
  nest: ['@countersign/core', '@countersign/http', '@countersign/http/node'],
  postgres: ['@countersign/core/plugin'],
  evidence: ['@countersign/core', '@countersign/core/plugin'],
  oidc: ['@countersign/core', '@countersign/core/plugin', '@countersign/evidence'],
  kubernetes: ['@countersign/core', '@countersign/core/plugin', '@countersign/evidence'],
  tls: ['@countersign/core', '@countersign/core/plugin', '@countersign/evidence'],
  gcp: ['@countersign/core', '@countersign/core/plugin', '@countersign/evidence'],
  azure: ['@countersign/core', '@countersign/core/plugin', '@countersign/evidence'],
  aws: ['@countersign/core', '@countersign/core/plugin', '@countersign/evidence'],
  ldap: ['@countersign/core', '@countersign/core/plugin', '@countersign/evidence'],
  redis: ['@countersign/core', '@countersign/core/plugin'],
  client: [],
}

/** No package may import these, nor a package that stands above it. */
export const reachable: readonly string[] = [
  '@countersign/core',
  '@countersign/core/plugin',
  '@countersign/core/runtime',
  '@countersign/http',
  '@countersign/express',
  '@countersign/koa',
  '@countersign/fastify',
  '@countersign/hono',
  '@countersign/nest',
  '@countersign/postgres',
  '@countersign/evidence',
  '@countersign/oidc',
  '@countersign/kubernetes',
  '@countersign/tls',
  '@countersign/gcp',
  '@countersign/azure',
  '@countersign/aws',
  '@countersign/ldap',
  '@countersign/redis',
  '@countersign/client',
  '@countersign/testing',
  '@countersign/testing/conformance',
  '@countersign/core/src/index.ts',
  '@countersign/http/dist/index.js',
  '../../core/src/engine/login.ts',
  '../../http/src/index.ts',
]

/** Statements that `packages/*` may not contain: nothing is ambient. */
export const ambient: readonly string[] = [
  'export const now = Date.now()',
  'export const today = new Date()',
  'export const elapsed = performance.now()',
  'export const dice = Math.random()',
  "export const home = process.env['HOME']",
  'export const argv = process.argv',
  "console.log('hello')",
  "export const answer = fetch('https://example.com')",
]
