import { tokenDigest } from '../lib/fingerprint.ts'

/**
 * Rows of numbers, each under a name.
 *
 * A flood of keys that nobody else has must not cost memory: the rows stand in memory that is taken once, and a name is 128
 * bits. As many objects and texts in a cache that forgets the oldest take ten times that, and leave holes in the heap.
 */
export interface NumberRows {
  /** The row under a name, which becomes the newest; undefined where there is none. */
  get(name: string): readonly number[] | undefined
  /** Writes the row under a name, which becomes the newest; where there is no room, the oldest is forgotten. */
  set(name: string, row: readonly number[]): void
}

/** Names a key of any length. */
export function nameOfKey(key: string): string {
  return tokenDigest(key)
}

/** Creates room for `most` rows of `width` numbers. */
export function createNumberRows(most: number, width: number): NumberRows {
  const numbers = new Float64Array(most * width)
  const index = createIndex(most)
  const ages = createAges(most)
  let used = 0

  /** A place for a new row: one that is free, or the oldest one's. */
  function makeRoom(): number {
    if (used < most) {
      used += 1
      return used - 1
    }
    const oldest = ages.oldest()
    index.remove(oldest)
    ages.remove(oldest)
    return oldest
  }

  return {
    get(name) {
      const place = index.find(name)
      if (place === undefined) return undefined
      ages.remove(place)
      ages.add(place)
      return [...numbers.subarray(place * width, (place + 1) * width)]
    },
    set(name, row) {
      let place = index.find(name)
      if (place === undefined) {
        place = makeRoom()
        index.add(place, name)
      } else ages.remove(place)
      ages.add(place)
      numbers.set(row, place * width)
    },
  }
}

/** 32-bit words of a name that tell it from all others. */
const WORDS = 4

/** Finds places by name: lists of places, one for each end that a name can have. */
function createIndex(most: number) {
  const buckets = 2 ** Math.ceil(Math.log2(most + 1))
  // A place is written as one more than itself, for 0 is none.
  const first = new Int32Array(buckets)
  const following = new Int32Array(most)
  const names = new Uint32Array(most * WORDS)

  const bucketAt = (place: number): number => wordAt(names, place * WORDS) & (buckets - 1)

  function isAt(place: number, name: string): boolean {
    for (let word = 0; word < WORDS; word += 1)
      if (wordAt(names, place * WORDS + word) !== wordOf(name, word)) return false
    return true
  }

  return {
    find(name: string): number | undefined {
      let next = wordAt(first, wordOf(name, 0) & (buckets - 1))
      while (next > 0 && !isAt(next - 1, name)) next = wordAt(following, next - 1)
      return next > 0 ? next - 1 : undefined
    },
    add(place: number, name: string): void {
      for (let word = 0; word < WORDS; word += 1) names[place * WORDS + word] = wordOf(name, word)
      const bucket = bucketAt(place)
      following[place] = wordAt(first, bucket)
      first[bucket] = place + 1
    },
    remove(place: number): void {
      const bucket = bucketAt(place)
      const after = wordAt(following, place)
      let before = wordAt(first, bucket)
      if (before === place + 1) first[bucket] = after
      else {
        while (wordAt(following, before - 1) !== place + 1) before = wordAt(following, before - 1)
        following[before - 1] = after
      }
    },
  }
}

/** Keeps places in the order in which they were used: a ring, which begins and ends beside a place that is none. */
function createAges(most: number) {
  const newer = new Int32Array(most + 1).fill(most)
  const older = new Int32Array(most + 1).fill(most)
  return {
    oldest: () => wordAt(newer, most),
    add(place: number): void {
      const newest = wordAt(older, most)
      newer[newest] = place
      older[place] = newest
      newer[place] = most
      older[most] = place
    },
    remove(place: number): void {
      newer[wordAt(older, place)] = wordAt(newer, place)
      older[wordAt(newer, place)] = wordAt(older, place)
    },
  }
}

function wordAt(list: Int32Array | Uint32Array, place: number): number {
  return list[place] ?? 0
}

/** One word of a name, each of whose characters is a byte. */
function wordOf(name: string, word: number): number {
  const byte = (place: number): number => name.charCodeAt(word * 4 + place)
  return (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)) >>> 0
}
