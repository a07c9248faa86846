import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsup'

// Runs in a package's folder. One entry per export and import that names a source file; ESM into dist/, CommonJS into dist/cjs/.
type Target = string | { readonly [condition: string]: Target }

interface Manifest {
  readonly exports: Record<string, Target>
  readonly imports?: Record<string, Target>
}

const { exports, imports = {} } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

const filesOf = (target: Target | undefined): string[] => {
  if (target === undefined) return []
  return typeof target === 'string' ? [target] : Object.values(target).flatMap(filesOf)
}

const sourcesOf = (targets: Record<string, Target>): string[] =>
  Object.values(targets).flatMap((target) =>
    typeof target === 'object' ? filesOf(target['@countersign/source']) : [],
  )

const entry = Object.fromEntries(
  [...sourcesOf(exports), ...sourcesOf(imports)].map((path) => [
    path.replace(/^\.\/src\//, '').replace(/\.ts$/, ''),
    path,
  ]),
)

// Both builds split, so that two entries of one package share one copy of every class. In ESM `#…` stays an import: the
// runtime, not the build, chooses between the Node form and the portable one. CommonJS is Node, and holds the Node form.
const shared = {
  entry,
  target: 'node20.19',
  format: 'esm',
  splitting: true,
  removeNodeProtocol: false,
  silent: true,
} as const

export default defineConfig([
  { ...shared, external: Object.keys(imports), sourcemap: true },
  {
    ...shared,
    outDir: 'dist/cjs',
    noExternal: [/^@noble/, /^@peculiar/, 'asn1js', 'bytestreamjs', 'jose', 'pkijs', 'rou3'],
    esbuildOptions: (options) => {
      options.conditions = ['@countersign/source']
    },
  },
])
