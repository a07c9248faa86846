import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { ambient, foreign, layers, packages, reachable, wiring } from './layers.ts'

// Proves that lint fails where an arrow points up: plants every import that could be written, lints, and compares.
const core = 'packages/core/src'
const biome = join(process.cwd(), 'tools/node_modules/.bin/biome')
const isFile = (name: string): boolean => name.endsWith('.ts')

interface Probe {
  readonly path: string
  readonly lines: readonly { readonly text: string; readonly forbidden: boolean }[]
}

const importOf = (specifier: string, forbidden: boolean) => ({
  text: `import '${specifier}'`,
  forbidden,
})

function layerProbe([layer, allowed]: [string, readonly string[]]): Probe {
  const siblings = Object.keys(layers).filter((other) => other !== layer)
  const folder = isFile(layer) ? '.' : layer
  const inside = siblings.flatMap((other) => {
    const forbidden = !wiring.includes(layer) && !allowed.includes(other)
    const target = posix.relative(folder, isFile(other) ? other : `${other}/planted.ts`)
    const specifiers = [target.startsWith('.') ? target : `./${target}`]
    const detour = posix.relative(folder, '..') || '..'
    if (forbidden) specifiers.push(`./${detour}/src/${other}/planted.ts`)
    return specifiers.map((specifier) => importOf(specifier, forbidden))
  })
  const outside = foreign.map((name) => importOf(name, !allowed.includes(name)))
  const path = `${core}/${isFile(layer) ? layer : `${layer}/planted.ts`}`
  return { path, lines: [...inside, ...outside] }
}

const packageProbe = ([name, allowed]: [string, readonly string[]]): Probe => ({
  path: name === 'core' ? `${core}/unknown/planted.ts` : `packages/${name}/src/planted.ts`,
  lines: [
    ...reachable.map((specifier) => importOf(specifier, !allowed.includes(specifier))),
    ...ambient.map((text) => ({ text, forbidden: true })),
  ],
})

const testProbe: Probe = {
  path: 'packages/http/test/planted.test.ts',
  lines: [
    importOf('../src/index.ts', false),
    importOf('../../core/src/index.ts', true),
    importOf('@countersign/core/src/index.ts', true),
  ],
}

function lint(probes: readonly Probe[]): Set<string> {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'))
  try {
    for (const file of ['biome.json', '.gitignore', 'scripts/no-ambient-date.grit'])
      cpSync(file, join(folder, file))
    for (const name of Object.keys(packages))
      cpSync(`packages/${name}/package.json`, join(folder, `packages/${name}/package.json`))
    for (const { path, lines } of probes) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), lines.map(({ text }) => `${text}\n`).join(''))
    }
    const options = ['lint', '--reporter=github', '--max-diagnostics=none', 'packages']
    const { stdout } = spawnSync(biome, options, { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 })
    const rules =
      'noRestrictedImports|noRestrictedGlobals|noJsRestrictedProperties|noProcessEnv|noConsole|plugin'
    const pattern = new RegExp(
      `title=(?:lint/\\w+/)?(?:${rules}),file=(?:.*/)?(packages/[^,]+),line=(\\d+)`,
      'g',
    )
    return new Set([...stdout.matchAll(pattern)].map(([, path, line]) => `${path}:${line}`))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function strangers(): string[] {
  return readdirSync(core)
    .filter((name) => layers[name] === undefined)
    .map((name) => `${core}/${name} is not in scripts/layers.ts and has no arrows`)
}

function inlineImports(): string[] {
  return readdirSync(core, { recursive: true, encoding: 'utf8' })
    .filter((path) => isFile(path) && /\bimport\(/.test(readFileSync(join(core, path), 'utf8')))
    .map((path) => `${core}/${path} imports in the middle of a line, where lint does not look`)
}

const probes = [
  ...Object.entries(layers).map(layerProbe),
  ...Object.entries(packages).map(packageProbe),
  testProbe,
]
const found = lint(probes)
const wrong = probes.flatMap(({ path, lines }) =>
  lines.flatMap(({ text, forbidden }, index) => {
    if (found.has(`${path}:${index + 1}`) === forbidden) return []
    return [`${path}: lint ${forbidden ? 'lets pass' : 'refuses'} ${text}`]
  }),
)
const problems = [...wrong, ...strangers(), ...inlineImports()]
for (const problem of problems) console.error(problem)
console.log(
  `layers: ${probes.flatMap(({ lines }) => lines).length} imports planted, ${problems.length} problems`,
)
process.exitCode = problems.length === 0 ? 0 : 1
