import type { Labels, Meter } from '../../src/ports/meter.ts'

/** A figure that was told. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly labels: Labels
}

/** An instrument as it was created. */
export interface Instrument {
  readonly name: string
  readonly kind: 'counter' | 'histogram' | 'gauge'
  readonly unit: string | undefined
}

/** A meter that keeps what it is told, and looks at gauges when it is asked to. */
export function aMeter() {
  const figures: Figure[] = []
  const created: Instrument[] = []
  const gauges = new Map<
    string,
    Parameters<ReturnType<Meter['createObservableGauge']>['addCallback']>[0]
  >()
  const keep =
    (name: string) =>
    (value: number, labels: Labels = {}) =>
      void figures.push({ name, value, labels })
  const meter: Meter = {
    createCounter(name, { unit }) {
      created.push({ name, kind: 'counter', unit })
      return { add: keep(name) }
    },
    createHistogram(name, { unit }) {
      created.push({ name, kind: 'histogram', unit })
      return { record: keep(name) }
    },
    createObservableGauge(name, { unit }) {
      created.push({ name, kind: 'gauge', unit })
      return { addCallback: (callback) => void gauges.set(name, callback) }
    },
  }
  const lookAll = (name: string): readonly Figure[] => {
    const seen: Figure[] = []
    gauges.get(name)?.({ observe: (value, labels = {}) => void seen.push({ name, value, labels }) })
    return seen
  }
  const look = (name: string): number | undefined => lookAll(name).at(-1)?.value
  const of = (name: string) => figures.filter((figure) => figure.name === name)
  return { meter, created, figures, gauges, look, lookAll, of }
}
