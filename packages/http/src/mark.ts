/** Something that is known of objects which somebody else made. */
export interface Mark<T> {
  get(key: object): T | undefined
  set(key: object, value: T): void
}

/**
 * Creates a mark. It lies on the object itself, under a symbol that nobody else holds: a `WeakMap` would do as well, and
 * costs a garbage collection many times what the mark is worth.
 */
export function createMark<T>(name: string): Mark<T> {
  const place = Symbol(name)
  interface Marked {
    [place]?: T
  }
  return {
    get: (key) => (key as Marked)[place],
    set(key, value) {
      ;(key as Marked)[place] = value
    },
  }
}
