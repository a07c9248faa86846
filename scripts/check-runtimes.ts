import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { workAtTheEdge } from './runtimes/edge.ts'
import { startHost } from './runtimes/host.ts'

// Runs the packed client in every runtime that it is for. Run `pnpm build` first. Runtimes come from npm; one that cannot be had
// here is said, and is no failure.
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
  await cp('scripts/runtimes', folder, { recursive: true })
  await install(folder, '@countersign/client', `file:${join(folder, tarball ?? '')}`)
}

/** Installs one package, whose scripts are not run, in a folder of its own. */
async function install(folder: string, name: string, range: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const manifest = { private: true, dependencies: { [name]: range } }
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest))
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts']
  await run('npm', ['install', '--fetch-retries=0', ...options], { ...patience, cwd: folder })
}

/** Gets a runtime, and answers where its program is; `undefined` where it cannot be had. */
async function obtain(folder: string, name: string): Promise<string | undefined> {
  const [range = '', program = ''] = RUNTIMES[name] ?? []
  const place = join(folder, name)
  try {
    await install(place, 'runtime', range)
    const path = join(place, 'node_modules/runtime', program)
    await run(path, ['--version'], patience)
    return path
  } catch {
    return undefined
  }
}

async function check(folder: string, url: string): Promise<boolean> {
  const script = join(folder, 'main.mjs')
  const started = async (program: string, ...before: readonly string[]): Promise<string> =>
    (await run(program, [...before, script, url], { ...patience, cwd: folder })).stdout.trim()
  const checks: Readonly<Record<string, () => Promise<string>>> = {
    'this node': () => started(process.execPath),
    ...Object.fromEntries(
      Object.entries(RUNTIMES).map(([name, [, , ...before]]) => [
        name,
        async () => {
          const program = await obtain(folder, name)
          return program === undefined ? ABSENT : started(program, ...before)
        },
      ]),
    ),
    edge: () => workAtTheEdge(folder, url),
  }
  let isGood = true
  for (const [name, work] of Object.entries(checks)) {
    const said = await work().catch((error: unknown) => `failed: ${error}`)
    isGood &&= said === ABSENT || said === 'logs in, renews, calls and revokes'
    console.log(`runtimes: ${name} ${said}`)
  }
  return isGood
}

const ABSENT = 'cannot be had here, so nothing is said of it'

const folder = await mkdtemp(join(tmpdir(), 'runtimes-'))
const host = await startHost()
try {
  await prepare(folder)
  process.exitCode = (await check(folder, host.url)) ? 0 : 1
} finally {
  host.close()
  await rm(folder, { recursive: true, force: true })
}
