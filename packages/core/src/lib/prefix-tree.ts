/** Finds what stands under the beginnings of a text, in one walk along it. */
export interface PrefixTree<Value> {
  /** What stands under every prefix that a text begins with, the shortest first. */
  readonly find: (text: string) => readonly Value[]
  /** How much `find` answers for each of the prefixes themselves. */
  readonly sizes: readonly number[]
}

/** Grows a tree of prefixes. Two prefixes share a branch as far as they are alike. */
export function createPrefixTree<Value>(
  groups: ReadonlyMap<string, readonly Value[]>,
): PrefixTree<Value> {
  const sorted = [...groups].sort(([first], [second]) => (first < second ? -1 : 1))
  const sizes: number[] = []
  const root = grow({ label: '', end: 0, values: [] }, sorted, sizes)
  return { sizes, find: (text) => follow(root, text) }
}

/** What all texts have in common that lead here, of which `label` is the last part. */
interface Stem<Value> {
  readonly label: string
  readonly end: number
  readonly values: readonly Value[]
}

interface Branch<Value> {
  readonly label: string
  readonly values: readonly Value[]
  /** By the first character of their labels. */
  readonly next: ReadonlyMap<number, Branch<Value>>
}

type Group<Value> = readonly [prefix: string, values: readonly Value[]]

function grow<Value>(
  { label, end, values }: Stem<Value>,
  sorted: readonly Group<Value>[],
  sizes: number[],
): Branch<Value> {
  const [first] = sorted
  const isPrefix = first !== undefined && first[0].length === end
  const own = isPrefix ? [...values, ...first[1]] : values
  if (isPrefix) sizes.push(own.length)
  const next = new Map<number, Branch<Value>>()
  for (const alike of groupByLetter(isPrefix ? sorted.slice(1) : sorted, end)) {
    const [[prefix] = ['']] = alike
    const until = countAlike(prefix, alike.at(-1)?.[0] ?? '')
    const stem = { label: prefix.slice(end, until), end: until, values: own }
    next.set(prefix.charCodeAt(end), grow(stem, alike, sizes))
  }
  return { label, values: own, next }
}

function groupByLetter<Value>(
  sorted: readonly Group<Value>[],
  at: number,
): Iterable<readonly Group<Value>[]> {
  const groups = new Map<number, Group<Value>[]>()
  for (const group of sorted) {
    const letter = group[0].charCodeAt(at)
    const alike = groups.get(letter)
    if (alike) alike.push(group)
    else groups.set(letter, [group])
  }
  return groups.values()
}

/** Of sorted texts, the first and the last are least alike. */
function countAlike(first: string, last: string): number {
  let at = 0
  while (at < first.length && first.charCodeAt(at) === last.charCodeAt(at)) at++
  return at
}

function follow<Value>(root: Branch<Value>, text: string): readonly Value[] {
  let branch = root
  let at = 0
  while (true) {
    const next = branch.next.get(text.charCodeAt(at))
    if (next === undefined || !goesOn(text, at, next.label)) return branch.values
    at += next.label.length
    branch = next
  }
}

/** The first letter has been compared. */
function goesOn(text: string, from: number, label: string): boolean {
  if (text.length - from < label.length) return false
  for (let at = 1; at < label.length; at++)
    if (text.charCodeAt(from + at) !== label.charCodeAt(at)) return false
  return true
}
