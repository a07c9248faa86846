import { randomBytes } from 'node:crypto'
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { StartError } from './start-error.ts'

/** How often whoever holds a folder shows that it lives. */
const BEAT = 1_000

/**
 * Locks a folder for this process; answers how to unlock it.
 *
 * The file appears under its name complete or not at all, and only once. One that a process left behind when it was killed
 * is taken over.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'lock')
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  await writeFile(draft, `${process.pid} ${hostname()}\n`, { mode: 0o600 })
  try {
    if (!(await take(draft, path))) await takeOver(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
  const beating = setInterval(() => void beat(path), BEAT).unref()
  return async () => {
    clearInterval(beating)
    await rm(path, { force: true })
  }
}

async function take(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

async function takeOver(draft: string, path: string): Promise<void> {
  const found = await readFile(path, 'utf8').catch(() => '')
  const left = `${draft}.left`
  if (!(await isAlive(path, found))) await rename(path, left).catch(() => undefined)
  const renamed = await readFile(left, 'utf8').catch(() => found)
  // Somebody else was faster: what was renamed is theirs.
  if (renamed !== found) await link(left, path).catch(() => undefined)
  await rm(left, { force: true })
  if (renamed === found && (await take(draft, path))) return
  throw new StartError(`Another process uses these records: see ${path}`)
}

/** A process of another host, or of another container, is seen by nothing but its beat. */
async function isAlive(path: string, found: string): Promise<boolean> {
  const [pid = '', host] = found.trim().split(' ')
  if (host === hostname()) return Number(pid) !== process.pid && isRunning(Number(pid))
  const before = await lastBeat(path)
  await pause(3 * BEAT)
  return (await lastBeat(path)) !== before
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function lastBeat(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0
}

async function beat(path: string): Promise<void> {
  const now = new Date()
  await utimes(path, now, now).catch(() => undefined)
}
