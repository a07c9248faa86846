let steps = 0

/** Opens a part of the walk. */
export function title(text: string): void {
  console.log(`\n${text}\n`)
}

/** Tells one step that has been taken, with what there is to see of it. */
export function say(what: string, ...shown: readonly string[]): void {
  steps += 1
  console.log(`${String(steps).padStart(2)}. ${what}`)
  for (const line of shown) console.log(`      ${line}`)
}

/** Shows enough of a secret to know it again. */
export function shorten(secret: string): string {
  return `${secret.slice(0, 12)}…`
}
