/** Cuts texts anew from bytes: V8 remembers a string's hash, so the same object again flatters every map. */
export interface FreshTexts {
  /** The next so many, none of them an object that was handed out before. */
  readonly next: (count: number) => readonly string[]
}

/** Keeps texts as bytes, to be cut in turn. */
export function createFreshTexts(texts: readonly string[]): FreshTexts {
  const bytes = Buffer.from(texts.join(''), 'latin1')
  let start = 0
  const places = texts.map(({ length }) => {
    const place = { start, end: start + length }
    start = place.end
    return place
  })
  let turn = 0

  function cut(): string {
    const { start: from, end } = places[turn % places.length] ?? { start: 0, end: 0 }
    turn += 1
    return bytes.toString('latin1', from, end)
  }

  return { next: (count) => Array.from({ length: count }, cut) }
}
