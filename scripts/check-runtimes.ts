import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { workAtTheEdge } from './runtimes/edge.ts'
import { startHost } from './runtimes/host.ts'

// Runs the packed client in every runtime that it is for. Run `pnpm build` first; runtimes come from the registry of npm.
const run = promisify(execFile)
const patience = { timeout: 180_000 }
const arch = process.arch
const bunArch = arch === 'arm64' ? 'aarch64' : arch
const denoLibrary = process.platform === 'linux' ? '-glibc' : ''

/** Runtimes by their package, the program in it, and what stands before the path of a script. */
const RUNTIMES: Readonly<Record<string, readonly [string, string, ...string[]]>> = {
  'node 22': [`npm:node-${process.platform}-${arch}@22`, 'bin/node'],
  'node 24': [`npm:node-${process.platform}-${arch}@24`, 'bin/node'],
  bun: [`npm:@oven/bun-${process.platform}-${bunArch}@1`, 'bin/bun'],
  deno: [`npm:@deno/${process.platform}-${arch}${denoLibrary}@2`, 'deno', 'run', '--allow-all'],
}

async function prepare(folder: string): Promise<void> {
  const packing = ['--filter', '@countersign/client', 'pack', '--pack-destination', folder]
  await run('pnpm', packing, patience)
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'))
  const runtimes = Object.entries(RUNTIMES).map(([name, [range]]) => [folderOf(name), range])
  const dependencies = {
    '@countersign/client': `file:${join(folder, tarball ?? '')}`,
    ...Object.fromEntries(runtimes),
  }
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies }))
  await cp('scripts/runtimes', folder, { recursive: true })
  const install = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
  await run('npm', install, { ...patience, cwd: folder })
}

const folderOf = (name: string): string => `runtime-${name.replace(' ', '-')}`

async function check(folder: string, url: string): Promise<boolean> {
  const script = join(folder, 'main.mjs')
  const started = async (program: string, ...before: readonly string[]): Promise<string> =>
    (await run(program, [...before, script, url], { ...patience, cwd: folder })).stdout.trim()
  const checks: Readonly<Record<string, () => Promise<string>>> = {
    'this node': () => started(process.execPath),
    ...Object.fromEntries(
      Object.entries(RUNTIMES).map(([name, [, program, ...before]]) => [
        name,
        () => started(join(folder, 'node_modules', folderOf(name), program), ...before),
      ]),
    ),
    edge: () => workAtTheEdge(folder, url),
  }
  let isGood = true
  for (const [name, work] of Object.entries(checks)) {
    const said = await work().catch((error: unknown) => `failed: ${error}`)
    isGood &&= said === 'logs in'
    console.log(`runtimes: ${name} ${said}`)
  }
  return isGood
}

const folder = await mkdtemp(join(tmpdir(), 'runtimes-'))
const host = await startHost()
try {
  await prepare(folder)
  process.exitCode = (await check(folder, host.url)) ? 0 : 1
} finally {
  host.close()
  await rm(folder, { recursive: true, force: true })
}
