import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { days } from '../../src/lib/time.ts'
import { memoryChannel } from '../../src/memory/memory-channel.ts'
import type { Instruments, Outcome } from '../../src/telemetry/instruments.ts'
import { REASON_LABELS } from '../../src/telemetry/reasons.ts'
import { anEngine } from '../support/engine.ts'
import { aMeter } from '../support/meter.ts'
import { aWorkload, HOME, WRONG } from '../support/workload.ts'

type Row = readonly string[]

/** The rows of the table with this heading, cell by cell. */
async function tableOf(page: string, heading: string): Promise<readonly Row[]> {
  const url = new URL(`../../../../docs/operations/${page}`, import.meta.url)
  const blocks = (await readFile(url, 'utf8')).split('\n\n')
  const table = blocks.find((block) => block.startsWith(`| ${heading} `)) ?? ''
  return table
    .trim()
    .split('\n')
    .slice(2)
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
}

/** The words of a cell that stand in code. */
function wordsOf(cell: string | undefined): readonly string[] {
  return [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
}

/** Does whatever moves a figure. */
async function aLife() {
  const meter = aMeter()
  const channel = memoryChannel()
  const engine = anEngine({ meter: meter.meter, channel })
  const secret = { ttl: days(30) }
  const workload = await aWorkload({ engine, tokenPolicy: { maxUses: 1 }, secret })
  const { accessToken } = await workload.login()
  for (const _ of [1, 2, 3]) await workload.countersign.tryAuthenticate(accessToken, HOME)
  for (const _ of [1, 2, 3, 4]) await workload.refused(HOME, WRONG).catch(() => undefined)
  const stop = new AbortController()
  const running = workload.countersign.run({ signal: stop.signal })
  await expect.poll(() => workload.runtime.pauses.length).toBeGreaterThan(0)
  await channel.publish({ kind: 'keys', from: 'another node', at: 0 })
  stop.abort()
  await running
  return { ...meter, workload }
}

test('metrics.md names every instrument with its kind, its unit and its labels', async () => {
  const { created, figures, lookAll, gauges, workload } = await aLife()
  workload.clock.advance(days(28))
  await workload.countersign.maintain()
  const seen = [...figures, ...[...gauges.keys()].flatMap(lookAll)]
  const rows = created.map(({ name, kind, unit = '' }) => {
    const figure = seen.find((each) => each.name === name)
    return [name, kind, unit, Object.keys(figure?.labels ?? { 'no figure': true }).sort()]
  })
  const page = (await tableOf('metrics.md', 'instrument')).map(([name, kind, unit, labels]) => [
    wordsOf(name)[0],
    kind,
    unit,
    [...wordsOf(labels)].sort(),
  ])
  expect(page.sort()).toEqual(rows.sort())
})

test('alerts.md has an alert for every instrument', async () => {
  const { created } = aMeterOfAnEngine()
  const alerts = (await tableOf('alerts.md', 'figure')).flatMap(([figure]) => wordsOf(figure))
  const names = created.map(({ name }) => name)
  expect(alerts.filter((word) => word.startsWith('countersign.')).sort()).toEqual(names.sort())
})

test('alerts.md leads to headings that are there', async () => {
  const read = (page: string) =>
    readFile(new URL(`../../../../docs/operations/${page}`, import.meta.url), 'utf8')
  const links = [...(await read('alerts.md')).matchAll(/\]\(([a-z]+\.md)#([a-z-]+)\)/g)]
  expect(links.length).toBeGreaterThan(5)
  for (const [, page = '', anchor] of links) {
    const headings = [...(await read(page)).matchAll(/^#+ (.*)$/gm)]
    const anchors = headings.map(([, text = '']) => text.toLowerCase().replaceAll(' ', '-'))
    expect(anchors).toContain(anchor)
  }
})

// The compiler keeps these lists complete.
const OUTCOMES = { granted: true, refused: true, unavailable: true } satisfies Of<Outcome>
const SPENDS = { spent: true, exhausted: true, unavailable: true } satisfies Of<
  Parameters<Instruments['spend']>[0]
>
const ANSWERS = { ok: true, failed: true } satisfies Of<Parameters<Instruments['storage']>[1]>
const CACHE = { hit: true, miss: true } satisfies Of<Parameters<Instruments['authenticate']>[1]>

type Of<Word extends string> = Readonly<Record<Word, true>>

test('metrics.md tells every value of a label', async () => {
  const table = await tableOf('metrics.md', 'label')
  expect(
    table.map(([label, of, values]) => [wordsOf(label)[0], wordsOf(of), wordsOf(values)]),
  ).toEqual([
    [
      'outcome',
      ['countersign.login', 'countersign.authenticate', 'countersign.verifier.duration'],
      Object.keys(OUTCOMES),
    ],
    ['outcome', ['countersign.spend'], Object.keys(SPENDS)],
    ['outcome', ['countersign.storage.duration'], Object.keys(ANSWERS)],
    ['cache', ['countersign.authenticate'], Object.keys(CACHE)],
    ['reason', ['countersign.login'], ['none', ...REASON_LABELS, 'other']],
  ])
})

function aMeterOfAnEngine() {
  const meter = aMeter()
  anEngine({ meter: meter.meter })
  return meter
}
