/** The labels of one figure: few, and each of few values; never an id, a token or an address. */
export type Labels = Readonly<Record<string, string | number | boolean>>

/** How a figure is described to whoever collects it. */
export interface FigureOptions {
  readonly description: string
  readonly unit?: string
}

/**
 * Collects figures: a `Meter` of `@opentelemetry/api` is one as it stands, and so is anything else that has these three
 * methods. Without one, nothing is measured.
 *
 * 1. No method of a meter, or of what it creates, MUST throw: a figure that cannot be kept is lost.
 */
export interface Meter {
  createCounter(name: string, options: FigureOptions): { add(value: number, labels?: Labels): void }
  createHistogram(
    name: string,
    options: FigureOptions,
  ): { record(value: number, labels?: Labels): void }
  createObservableGauge(
    name: string,
    options: FigureOptions,
  ): {
    addCallback(callback: (result: { observe(value: number, labels?: Labels): void }) => void): void
  }
}

/** Follows what one request does: a `Tracer` of `@opentelemetry/api` is one as it stands. */
export interface Tracer {
  startActiveSpan<Result>(name: string, run: (span: Span) => Result): Result
}

/** One thing that is done, while it is done. */
export interface Span {
  setAttribute(name: string, value: string | number | boolean): unknown
  end(): void
}
