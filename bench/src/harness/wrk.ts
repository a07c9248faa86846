import { execFile } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { unpackDebian } from '../../../packages/testkit/src/debian.ts'

const run = promisify(execFile)

/** What a server bore. */
export interface Load {
  readonly requests: number
  /** How long it took, in microseconds. */
  readonly elapsed: number
}

/** Keeps a server busy with requests that carry a token each, in turn. */
export type Press = (url: string, seconds: number) => Promise<Load>

/** Unpacks wrk, and writes down the tokens that its requests carry. */
export async function createPress(tokens: readonly string[]): Promise<Press> {
  const { command, env } = await unpackDebian('wrk', ['wrk', 'libluajit-5.1-2'], 'usr/bin/wrk')
  const script = join(mkdtempSync(join(tmpdir(), 'countersign-wrk-')), 'tokens.lua')
  writeFileSync(script, scriptOf(tokens))
  return async (url, seconds) => {
    const given = ['-t', '1', '-c', '32', '-d', `${seconds}s`, '-s', script, url]
    const { stdout } = await run(command, given, { env: { ...process.env, ...env } })
    const [, requests, elapsed, refused] = /^figures (\d+) (\d+) (\d+)$/m.exec(stdout) ?? []
    if (requests === undefined || Number(requests) === 0) throw new Error(`wrk said: ${stdout}`)
    if (refused !== '0') throw new Error(`${refused} of ${requests} requests were refused`)
    return { requests: Number(requests), elapsed: Number(elapsed) }
  }
}

const scriptOf = (tokens: readonly string[]): string => `
local tokens = { ${tokens.map((token) => `"${token}"`).join(', ')} }
local requests = {}
local turn = 0
function init()
  for place, token in ipairs(tokens) do
    requests[place] = wrk.format("GET", "/", { ["Authorization"] = "Bearer " .. token })
  end
end
function request()
  turn = turn % #requests + 1
  return requests[turn]
end
function done(summary)
  local errors = summary.errors
  local refused = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("figures %d %d %d\\n", summary.requests, summary.duration, refused))
end`
