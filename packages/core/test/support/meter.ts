import type { Labels, Meter } from '../../src/ports/meter.ts'

/** A figure that was told. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly labels: Labels
}

/** A meter that keeps what it is told, and looks at gauges when it is asked to. */
export function aMeter() {
  const figures: Figure[] = []
  const gauges = new Map<
    string,
    Parameters<ReturnType<Meter['createObservableGauge']>['addCallback']>[0]
  >()
  const keep =
    (name: string) =>
    (value: number, labels: Labels = {}) =>
      void figures.push({ name, value, labels })
  const meter: Meter = {
    createCounter: (name) => ({ add: keep(name) }),
    createHistogram: (name) => ({ record: keep(name) }),
    createObservableGauge: (name) => ({
      addCallback: (callback) => void gauges.set(name, callback),
    }),
  }
  const lookAll = (name: string): readonly Figure[] => {
    const seen: Figure[] = []
    gauges.get(name)?.({ observe: (value, labels = {}) => void seen.push({ name, value, labels }) })
    return seen
  }
  const look = (name: string): number | undefined => lookAll(name).at(-1)?.value
  const of = (name: string) => figures.filter((figure) => figure.name === name)
  return { meter, figures, gauges, look, lookAll, of }
}
