import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './child.ts'

/** A program out of Debian packages that were unpacked, and the libraries beside it. */
export interface UnpackedProgram {
  readonly command: string
  readonly env: Readonly<Record<string, string>>
}

/** Unpacks Debian packages into a cache folder, once: nothing is installed, and no privilege is needed. */
export async function unpackDebian(
  name: string,
  packages: readonly string[],
  program: string,
): Promise<UnpackedProgram> {
  const cache = join(tmpdir(), `countersign-debian-${process.getuid?.() ?? 0}`, name)
  const unpacked = join(cache, 'root')
  if (!existsSync(join(unpacked, program))) await unpack(cache, packages)
  const libraries = ['usr/lib', 'lib'].flatMap((folder) =>
    [join(unpacked, folder), ...architecturesIn(join(unpacked, folder))].filter(existsSync),
  )
  return { command: join(unpacked, program), env: { LD_LIBRARY_PATH: libraries.join(':') } }
}

async function unpack(cache: string, packages: readonly string[]): Promise<void> {
  const work = join(cache, `work-${process.pid}`)
  mkdirSync(work, { recursive: true })
  await run('apt-get', ['download', ...packages], { cwd: work })
  const root = join(work, 'root')
  for (const file of readdirSync(work).filter((entry) => entry.endsWith('.deb')))
    await run('dpkg', ['-x', join(work, file), root])
  rmSync(join(cache, 'root'), { recursive: true, force: true })
  renameSync(root, join(cache, 'root'))
  rmSync(work, { recursive: true, force: true })
}

function architecturesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((entry) => entry.endsWith('-linux-gnu'))
    .map((entry) => join(folder, entry))
}
