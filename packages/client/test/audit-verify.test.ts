import type { Event } from '@countersign/core'
import { functionSink } from '@countersign/core'
import { anIdentity, testCountersign } from '@countersign/testing'
import { describe, expect, test } from 'vitest'
import type { Terminal } from '../src/cli/index.ts'
import { runCli } from '../src/cli/index.ts'

/** A trail as its sink and its witness kept it, and the keys. */
async function aTrail() {
  const events: string[] = []
  const checkpoints: string[] = []
  const countersign = testCountersign({
    sinks: [functionSink('file', (event: Event) => void events.push(JSON.stringify(event)))],
    audit: {
      async witness(made) {
        checkpoints.push(...made.map(({ jws }) => jws))
      },
    },
  })
  await anIdentity(countersign, { name: 'worker' })
  await anIdentity(countersign, { name: 'other', role: 'admin' })
  await settle(countersign)
  return { events, checkpoints, jwks: JSON.stringify(await countersign.jwks()), countersign }
}

/** Seals, writes to sinks, and signs. */
async function settle(countersign: Awaited<ReturnType<typeof testCountersign>>) {
  for (let turn = 0; turn < 3; turn += 1) {
    countersign.clock.advance(120)
    await countersign.maintain()
  }
}

type Trail = Pick<Awaited<ReturnType<typeof aTrail>>, 'events' | 'checkpoints' | 'jwks'>

async function verify({ events, checkpoints, jwks }: Trail) {
  const files: Readonly<Record<string, string>> = {
    events: events.join('\n'),
    checkpoints: `${checkpoints.join('\n')}\n`,
    jwks,
  }
  const said: string[] = []
  const unused = () => {
    throw new Error('Nothing else is asked for')
  }
  const terminal: Terminal = {
    arguments: [
      'audit',
      'verify',
      '--plain',
      ...Object.keys(files).flatMap((name) => [`--${name}`, name]),
    ],
    environment: {},
    isInteractive: false,
    readInput: unused,
    readFile: async (path) => files[path] ?? unused(),
    fileExists: unused,
    certificateFetch: unused,
    socketFetch: unused,
    writeSecretFile: unused,
    makeFolder: unused,
    removeFolder: unused,
    run: unused,
    print: (text) => void said.push(text),
    note: (text) => void said.push(text),
  }
  return { code: await runCli(terminal), said: said.join('\n') }
}

describe('audit verify', () => {
  test('finds a trail intact that nobody touched, without asking anybody', async () => {
    const trail = await aTrail()
    expect(trail.events.length).toBeGreaterThan(5)
    expect(trail.checkpoints.length).toBeGreaterThan(0)
    const { code, said } = await verify(trail)
    expect(said).toMatch(/^acme\t\d+\tintact\tall signed$/m)
    expect(said).not.toContain('BROKEN')
    expect(code).toBe(0)
  }, 60_000)

  /** Another statement under the same signature. */
  const forged = (jws: string): string => {
    const [head, body = '', signature] = jws.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
    const other = Buffer.from(JSON.stringify({ ...claims, index: claims.index - 1 }))
    return [head, other.toString('base64url'), signature].join('.')
  }

  const chainOf = (events: readonly string[]) =>
    events.filter((line) => 'organization' in JSON.parse(line))

  test.each<[string, RegExp, (trail: Trail) => Trail]>([
    [
      'changed',
      /BROKEN\tchanged at or before/,
      (trail) => ({
        ...trail,
        events: trail.events.map((line, place) =>
          line === chainOf(trail.events)[0]
            ? line.replace(/"id":"[^"]+"/, `"id":"x${place}"`)
            : line,
        ),
      }),
    ],
    [
      'cut off',
      /BROKEN\t\d+ events were signed, and \d+ are here/,
      (trail) => {
        const last = chainOf(trail.events).at(-1)
        return { ...trail, events: trail.events.filter((line) => line !== last) }
      },
    ],
    [
      'not signed by these keys',
      /Checkpoint 1 is not signed/,
      (trail) => ({ ...trail, jwks: '{"keys":[]}' }),
    ],
    [
      'signed by a forger',
      /Checkpoint 1 is not signed/,
      (trail) => ({
        ...trail,
        checkpoints: trail.checkpoints.map(forged),
      }),
    ],
    ['without a checkpoint', /unsigned/, (trail) => ({ ...trail, checkpoints: [] })],
  ])(
    'ends with 1 where a trail is %s',
    async (_what, expected, change) => {
      const { code, said } = await verify(change(await aTrail()))
      expect(said).toMatch(expected)
      expect(code).toBe(1)
    },
    60_000,
  )

  test('says which line is no event', async () => {
    const { code, said } = await verify({ events: ['no'], checkpoints: [], jwks: '{"keys":[]}' })
    expect([code, said]).toEqual([2, expect.stringContaining('Line 1 of the events')])
  }, 60_000)
})
