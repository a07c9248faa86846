/** Tells an object that could have come from JSON from instances of classes, lists and everything else. */
export function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // By shape rather than by identity: a plain object of another realm has another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** A copy of a list whose every element is a string, or nothing. */
export function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const elements: unknown[] = Array.from(value)
  return elements.every((element) => typeof element === 'string') ? elements : undefined
}
