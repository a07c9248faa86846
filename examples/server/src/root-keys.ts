import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.ts'

/** Answers the root keys of the environment, or the one in the data folder, which the first start makes. */
export async function findRootKeys({ rootKeys, dataFolder }: Config): Promise<readonly string[]> {
  if (rootKeys !== undefined) return rootKeys
  const path = join(dataFolder, 'root.key')
  return [(await readKey(path)) ?? (await makeKey(dataFolder, path))]
}

async function readKey(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** The key appears under its name complete or not at all, and only once: of two first starts, both use the same. */
async function makeKey(folder: string, path: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const key = randomBytes(32).toString('base64url')
  try {
    await writeDurably(draft, `${key}\n`)
    await link(draft, path)
    return key
  } catch (error) {
    const standing = hasCode(error, 'EEXIST') ? await readKey(path) : undefined
    if (standing === undefined) throw error
    return standing
  } finally {
    await rm(draft, { force: true })
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
