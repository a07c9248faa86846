import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { run } from './reference-server.ts'
import { findScreens, isLike, playScreens } from './screens.ts'

const PAGE = new URL('../../../docs/guides/command-line.md', import.meta.url)
const BIN = fileURLToPath(new URL('../../../packages/client/bin/countersign.mjs', import.meta.url))
const HERE = fileURLToPath(new URL('..', import.meta.url))

/** Runs the program from any folder, and from its sources. */
const PROGRAM = `#!/bin/sh
exec node --conditions=@countersign/source --import '${import.meta.resolve('tsx')}' '${BIN}' "$@"
`

test('every screen of the page about the command line is what it shows', {
  timeout: 240_000,
}, async () => {
  const screens = findScreens(await readFile(PAGE, 'utf8'))
  expect(screens.length).toBeGreaterThan(25)
  const folder = await mkdtemp(join(tmpdir(), 'screens-'))
  await writeFile(join(folder, 'countersign'), PROGRAM, { mode: 0o755 })
  const server = run({ COUNTERSIGN_DATA: join(folder, 'data') })
  try {
    const { url, clientId, clientSecret } = await server.ready
    const found = await playScreens(screens, {
      before: 'cd "$HOME"',
      cwd: HERE,
      env: {
        PATH: `${folder}:${process.env['PATH']}`,
        HOME: folder,
        COUNTERSIGN_URL: url,
        COUNTERSIGN_CLIENT_ID: clientId,
        COUNTERSIGN_CLIENT_SECRET: clientSecret,
      },
    })
    for (const [place, { command, answer }] of screens.entries()) {
      const lines = found[place] ?? ['It was never executed']
      if (!isLike(lines, answer)) expect({ command, lines }).toEqual({ command, lines: answer })
    }
    expect(found).toHaveLength(screens.length)
    // A secret that was printed once is in none of the logs.
    expect(JSON.stringify(found)).not.toContain(clientSecret)
  } finally {
    await server.stop('SIGKILL')
    await rm(folder, { recursive: true })
  }
})

test('a screen that shows something else is seen', () => {
  expect(isLike(['a  b', 'idn_1 is gone'], ['a    b', 'idn_… is gone'])).toBe(true)
  expect(isLike(['a  b'], ['a  c'])).toBe(false)
  expect(isLike(['a', 'b'], ['a'])).toBe(false)
  expect(isLike(['ended with 10'], ['ended with 1'])).toBe(false)
})
