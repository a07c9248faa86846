/** Remembers what a pure function answered about the texts that it was asked lately: policies are read at every login. */
export function createMemo<T>(read: (text: string) => T, most: number): (text: string) => T {
  const known = new Map<string, T>()
  return (text) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const answer = read(text)
    const [oldest] = known.keys()
    if (known.size >= most && oldest !== undefined) known.delete(oldest)
    known.set(text, answer)
    return answer
  }
}
