/** An object while it is put together. */
type Building = Record<string, unknown>

/** Puts a value where a path of names says; what is undefined is left out. */
export function setPath(target: object, path: string, value: unknown): void {
  if (value === undefined) return
  const names = path.split('.')
  const last = names.pop() ?? ''
  let place = target as Building
  for (const name of names) {
    const next = place[name]
    const deeper = typeof next === 'object' && next !== null ? (next as Building) : {}
    place[name] = deeper
    place = deeper
  }
  place[last] = value
}

/** Reads the value that a path of names says. */
export function getPath(source: unknown, path: string): unknown {
  let value = source
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Building>)[name]
  }
  return value
}
