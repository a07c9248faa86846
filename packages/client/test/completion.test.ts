import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'

const BIN = fileURLToPath(new URL('../bin/countersign.mjs', import.meta.url))
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

async function printed(program: string, ...given: readonly string[]): Promise<string> {
  const child = spawn(program, given, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')])
  return said
}

const scriptOf = (shell: string): Promise<string> =>
  printed(
    process.execPath,
    '--conditions=@countersign/source',
    '--import',
    'tsx',
    BIN,
    'completion',
    shell,
  )

describe('completion', () => {
  let script = ''
  beforeAll(async () => {
    script = await scriptOf('bash')
  }, 60_000)

  /** What bash itself makes of the script, with the cursor behind the last word. */
  async function completed(...words: readonly string[]): Promise<readonly string[]> {
    const line = ['countersign', ...words].map((word) => `'${word}'`).join(' ')
    const asked = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _countersign`
    const said = await printed(
      'bash',
      '--norc',
      '-c',
      `${script}\n${asked}; echo "\${COMPREPLY[*]}"`,
    )
    return said.trim().split(' ')
  }

  test.each([
    [['ide'], ['identities']],
    [
      ['audit', ''],
      ['list', 'verify'],
    ],
    [['audit', 'verify', '--ch'], ['--checkpoints']],
    [['--pl'], ['--plain']],
    // A secret is no option, and none is offered.
    [['login', '--client'], ['']],
    [['audit', 'list', 'li'], ['']],
  ])(
    'of %j is %j',
    async (words, expected) => {
      expect(await completed(...words)).toEqual(expected)
    },
    60_000,
  )

  test.each(['zsh', 'fish'])(
    'is there for %s',
    async (shell) => {
      const made = await scriptOf(shell)
      for (const word of ['identities', 'verify', 'checkpoints']) expect(made).toContain(word)
    },
    60_000,
  )
})
