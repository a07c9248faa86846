import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, posix, relative } from 'node:path'
import { transformSync } from 'esbuild'

// Runs in a package's folder after tsup and tsc, and turns the modules in dist/cjs into CommonJS, one by one:
// they share chunks, so two entries of one package hold the same classes, which no CommonJS bundler does correctly.
const target = 'node20.19'
const filesOf = (folder: string, extension: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith(extension),
  )

for (const path of filesOf('dist/cjs', '.js')) {
  const file = `dist/cjs/${path}`
  const { code } = transformSync(readFileSync(file, 'utf8'), {
    format: 'cjs',
    platform: 'node',
    target,
  })
  writeFileSync(file, code)
}

writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n')

// The nearest manifest is now the one above, which knows no `#crypto`: the declarations name the Node form instead.
const declarations = filesOf('dist', '.d.ts').filter((path) => !path.startsWith('cjs'))
for (const path of declarations) {
  const up = relative(dirname(path), '.') || '.'
  const text = readFileSync(`dist/${path}`, 'utf8').replaceAll(
    /(from |import\()(['"])#(\w+)\2/g,
    (_, head: string, quote: string, name: string) =>
      `${head}${quote}./${posix.join(up, name, 'node.js')}${quote}`.replace('./../', '../'),
  )
  mkdirSync(dirname(`dist/cjs/${path}`), { recursive: true })
  writeFileSync(`dist/cjs/${path}`, text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'))
}
