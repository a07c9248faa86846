import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
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
  from: 'stable' | 'backports' = 'stable',
): Promise<UnpackedProgram> {
  const cache = join(tmpdir(), `countersign-debian-${process.getuid?.() ?? 0}`, name)
  const unpacked = join(cache, 'root')
  if (!existsSync(join(unpacked, program))) await unpack(cache, packages, from)
  const libraries = ['usr/lib', 'lib'].flatMap((folder) =>
    [join(unpacked, folder), ...architecturesIn(join(unpacked, folder))].filter(existsSync),
  )
  return { command: join(unpacked, program), env: { LD_LIBRARY_PATH: libraries.join(':') } }
}

async function unpack(
  cache: string,
  packages: readonly string[],
  from: 'stable' | 'backports',
): Promise<void> {
  const work = join(cache, `work-${process.pid}`)
  mkdirSync(work, { recursive: true })
  const flags = from === 'stable' ? [] : await listBackports(work)
  await run('apt-get', [...flags, 'download', ...packages], { cwd: work })
  const root = join(work, 'root')
  for (const file of readdirSync(work).filter((entry) => entry.endsWith('.deb')))
    await run('dpkg', ['-x', join(work, file), root])
  rmSync(join(cache, 'root'), { recursive: true, force: true })
  renameSync(root, join(cache, 'root'))
  rmSync(work, { recursive: true, force: true })
}

/** Lets apt read the backports of this very Debian, from where it reads everything else, and changes none of its settings. */
async function listBackports(work: string): Promise<readonly string[]> {
  const format = '$(REPO_URI) $(CODENAME)'
  const targets = await run('apt-get', [
    ...['indextargets', '--format', format],
    ...['Created-By: Packages', 'Label: Debian', 'Component: main'],
  ])
  const [archive, codename] = (targets.split('\n')[0] ?? '').split(' ')
  const lists = join(work, 'lists')
  mkdirSync(join(lists, 'partial'), { recursive: true })
  const sources = join(work, 'sources.list')
  const suites = [codename, `${codename}-backports`]
  const lines = suites.map((suite) => `deb [signed-by=${KEYRING}] ${archive} ${suite} main\n`)
  writeFileSync(sources, lines.join(''))
  const flags = [
    `Dir::Etc::sourcelist=${sources}`,
    'Dir::Etc::sourceparts=-',
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${work}`,
  ].flatMap((setting) => ['-o', setting])
  await run('apt-get', [...flags, '--quiet', 'update'])
  return flags
}

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

function architecturesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((entry) => entry.endsWith('-linux-gnu'))
    .map((entry) => join(folder, entry))
}
