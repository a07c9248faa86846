import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoginRequest, LoginSource, SourceContext } from '@countersign/client'
import { onTestFinished, vi } from 'vitest'
import { systemRuntime } from '../../src/system-runtime.ts'
import type { Asked } from './platform.ts'

/** What sources of these tests are read with. */
export const context: SourceContext = {
  runtime: systemRuntime,
  signal: new AbortController().signal,
  audience: 'https://id.example.com',
}

/** Reads a source once. */
export const read = (source: LoginSource): Promise<LoginRequest> => source.read(context)

/** Sets variables until the end of the test. */
export const setting = (environment: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
}

/** What is the same for all: method, path, query, and the headers that are named. */
export const shapeOf = (
  { method, path, query, headers, body }: Asked,
  ...names: readonly string[]
) => ({
  method,
  path,
  query,
  headers: Object.fromEntries(names.map((name) => [name, headers[name]])),
  form: Object.fromEntries(new URLSearchParams(body)),
})

/** A folder that is gone with the test. */
export async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-official-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}
