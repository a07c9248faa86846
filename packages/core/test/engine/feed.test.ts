import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/event.ts'
import type { EventSink, SinkContext } from '../../src/ports/sink.ts'
import { anEngine } from '../support/engine.ts'
import { aWorkload, loggedIn } from '../support/workload.ts'

/** A sink that takes a batch only when a test lets it. */
function aSlowSink(name = 'slow') {
  const offered: (readonly Event[])[] = []
  const contexts: SinkContext[] = []
  const ends: (() => void)[] = []
  const sink: EventSink = {
    name,
    write(events, context) {
      offered.push(events)
      contexts.push(context)
      return new Promise((resolve) => ends.push(resolve))
    },
  }
  return { sink, offered, contexts, finish: () => ends.shift()?.() }
}

/** Lets whatever can go on without time go on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Maintains while a slow sink is at work: the pass waits for it until the test says that a second is over. */
async function impatiently({ countersign, runtime }: ReturnType<typeof anEngine>) {
  const before = runtime.deadlines.length
  const pass = countersign.maintain()
  while (!runtime.deadlines.slice(before).some(({ seconds }) => seconds === 1)) await turn()
  await turn()
  runtime.deadlines.find(({ seconds }, place) => place >= before && seconds === 1)?.expire()
  return pass
}

describe('a slow sink', () => {
  test('holds up neither the sequencer nor another sink, and is not handed a second batch', async () => {
    const slow = aSlowSink()
    const workload = await aWorkload({ engine: anEngine({ sinks: [slow.sink] }) })
    expect(await impatiently(workload)).toEqual({ done: false })
    await workload.login()
    expect(await impatiently(workload)).toEqual({ done: false })
    expect((await workload.storage.trail.open(10)).events).toEqual([])
    expect(workload.sunk).toEqual(await workload.recorded())
    expect(slow.offered.length).toBe(1)
    slow.finish()
    await turn()
    await impatiently(workload)
    expect(slow.offered.flat()).toEqual(await workload.recorded())
  })

  test('is handed the same batch again after 30 seconds, and its signal aborts', async () => {
    const slow = aSlowSink()
    const workload = await aWorkload({ engine: anEngine({ sinks: [slow.sink] }) })
    await impatiently(workload)
    for (const { seconds, expire } of workload.runtime.deadlines) if (seconds === 30) expire()
    await turn()
    expect(slow.contexts[0]?.signal.aborted).toBe(true)
    await impatiently(workload)
    expect(slow.offered[1]).toEqual(slow.offered[0])
  })

  test('is left to one node, until that one is done or dead for a minute', async () => {
    const [first, second] = [aSlowSink(), aSlowSink()]
    const workload = await loggedIn({ engine: anEngine({ sinks: [first.sink] }) })
    const other = anEngine({ beside: workload, sinks: [second.sink] })
    await impatiently(workload)
    await other.countersign.maintain()
    expect([first.offered.length, second.offered.length]).toEqual([1, 0])
    workload.clock.advance(60)
    await impatiently(other)
    expect(second.offered[0]).toEqual(first.offered[0])
    second.finish()
    await turn()
    expect(await workload.storage.sinkPlaces.placeOf('slow')).toBe(first.offered[0]?.length)
  })
})

describe('a sink that cannot be fed', () => {
  test('leaves the claim to others', async () => {
    const broken: EventSink = {
      name: 'shared',
      write() {
        throw new Error('disk full')
      },
    }
    const got: Event[] = []
    const sound: EventSink = { name: 'shared', write: (events) => void got.push(...events) }
    const workload = await aWorkload({ engine: anEngine({ sinks: [broken] }) })
    await workload.countersign.maintain()
    await anEngine({ beside: workload, sinks: [sound] }).countersign.maintain()
    expect(got).toEqual(await workload.recorded())
  })
})
