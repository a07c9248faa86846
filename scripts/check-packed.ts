import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Installs the packed packages as strangers do, outside the workspace, and lets each consumer log in. Run `pnpm build` first.
const consumers = 'scripts/packed'
const patience = 180_000

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
}

async function run(command: string, options: readonly string[], folder = '.'): Promise<void> {
  const child = spawn(command, options, { cwd: folder, timeout: patience })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${command} ${options.join(' ')} ended with ${code}:\n${output}`)
}

/** Tarballs by the name of their package. */
async function pack(folder: string): Promise<Readonly<Record<string, string>>> {
  const destination = ['--pack-destination', folder]
  await run('pnpm', [
    '--recursive',
    '--filter',
    './packages/*',
    '--filter',
    '!@countersign/testkit',
    'pack',
    ...destination,
  ])
  const files = await readdir(folder)
  return Object.fromEntries(
    files.map((file) => [
      file.replace(/^countersign-(\w+)-.*$/, '@countersign/$1'),
      `file:${join(folder, file)}`,
    ]),
  )
}

async function consume(
  name: string,
  folder: string,
  tarballs: Readonly<Record<string, string>>,
): Promise<void> {
  await cp(join(consumers, name), folder, { recursive: true })
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Manifest
  const packed = Object.entries(manifest.dependencies).map(([dependency, range]) => [
    dependency,
    tarballs[dependency] ?? range,
  ])
  const dependencies = Object.fromEntries(packed)
  await writeFile(path, JSON.stringify({ ...manifest, dependencies }))
  await run('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], folder)
  await run('npm', ['test'], folder)
}

async function check(folder: string): Promise<number> {
  const tarballs = await pack(await mkdtemp(join(folder, 'tarballs-')))
  const names = await readdir(consumers)
  const outcomes = await Promise.allSettled(
    names.map((name) => consume(name, join(folder, name), tarballs)),
  )
  for (const [index, outcome] of outcomes.entries()) {
    const failed = outcome.status === 'rejected'
    console.log(`packed: ${names[index]} ${failed ? `failed: ${outcome.reason}` : 'logs in'}`)
  }
  return outcomes.filter(({ status }) => status === 'rejected').length
}

const folder = await mkdtemp(join(tmpdir(), 'packed-'))
try {
  process.exitCode = (await check(folder)) === 0 ? 0 : 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
