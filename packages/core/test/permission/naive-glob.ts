/** What a glob means, by the letter of the rule and without any thought for speed. */
export function naiveGlob(pattern: string, text: string, separators: string): boolean {
  if (follows(pattern, text, separators)) return true
  const folder = pattern.endsWith('/**') && pattern.length > 3 && separators.includes('/')
  return folder && follows(pattern.slice(0, -3), text, separators)
}

function follows(pattern: string, text: string, separators: string): boolean {
  if (pattern === '') return text === ''
  const ends = Array.from({ length: text.length + 1 }, (_, end) => end)
  if (pattern.startsWith('**'))
    return ends.some((end) => follows(pattern.slice(2), text.slice(end), separators))
  const rest = pattern.slice(1)
  const inSegment = (length: number): boolean =>
    [...text.slice(0, length)].every((letter) => !separators.includes(letter))
  if (pattern.startsWith('*'))
    return ends.some(
      (end) => end > 0 && inSegment(end) && follows(rest, text.slice(end), separators),
    )
  if (pattern.startsWith('?'))
    return text !== '' && inSegment(1) && follows(rest, text.slice(1), separators)
  return text[0] === pattern[0] && follows(rest, text.slice(1), separators)
}
