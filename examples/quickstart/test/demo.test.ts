import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const execute = promisify(execFile)

test('The quickstart walks the main job step by step, and ends with 0', async () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const options = ['--conditions=@countersign/source', '--import', 'tsx', main]
  const { stdout } = await execute(process.execPath, options)
  const steps = [...stdout.matchAll(/^ ?(\d+)\. /gm)].map(([, step]) => Number(step))
  expect(steps).toEqual(Array.from({ length: 21 }, (_, index) => index + 1))
  for (const shown of ['missed: environment', 'answers 403', 'it could do what she cannot'])
    expect(stdout).toContain(shown)
  expect(stdout).not.toMatch(/cst_cs_\w{43}|eyJ\w+\.\w+\.\w+/)
})
