/** One TypeScript block of a page, as a file of its own. */
export interface DocBlock {
  /** What the block calls itself (```ts app.ts), or a name by its line. */
  readonly name: string
  /** How many lines of the page stand before it. */
  readonly before: number
  readonly code: string
}

/** Finds the TypeScript blocks of a page of Markdown. */
export function findDocBlocks(page: string): readonly DocBlock[] {
  return [...page.matchAll(/^```ts(?: (\S+))?\n([\s\S]*?)^```$/gm)].map((found) => {
    const [, named, code = ''] = found
    const before = page.slice(0, found.index).split('\n').length
    return { name: named ?? `line-${before}.ts`, before, code }
  })
}
