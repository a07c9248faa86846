import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'

// Runs in a package's folder after tsup and tsc: gives dist/cjs its module type, its own `#…` imports and a copy of the declarations.
type Target = string | { readonly [condition: string]: Target }

const { imports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  imports?: Record<string, Target>
}

const toCommonJs = (target: Target): Target => {
  if (typeof target === 'string') return target.replace('./dist/cjs/', './')
  return target['require'] === undefined
    ? Object.fromEntries(
        Object.entries(target)
          .filter(([condition]) => condition !== '@countersign/source')
          .map(([condition, inner]) => [condition, toCommonJs(inner)]),
      )
    : toCommonJs(target['require'])
}

const nested = {
  type: 'commonjs',
  ...(imports && {
    imports: Object.fromEntries(
      Object.entries(imports).map(([name, target]) => [name, toCommonJs(target)]),
    ),
  }),
}
writeFileSync('dist/cjs/package.json', `${JSON.stringify(nested, null, 2)}\n`)

for (const path of readdirSync('dist', { recursive: true, encoding: 'utf8' })) {
  if (path.endsWith('.d.ts') && !path.startsWith('cjs')) cpSync(`dist/${path}`, `dist/cjs/${path}`)
}
