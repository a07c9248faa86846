import fc from 'fast-check'

/** Fixed by configuration, so that a failing case can be run again. */
export const seeded = (numRuns: number): { seed: number; numRuns: number } => ({
  seed: 20_260_731,
  numRuns: process.env['COUNTERSIGN_SOAK'] === '1' ? numRuns * 20 : numRuns,
})

export const separators = ['/', ':/', '.', ''] as const

/** Short patterns over few letters: whatever can collide does. */
export const patterns: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('a', 'b', '/', '.', ':', '*', '**', '?', '/**'), { maxLength: 6 })
  .map((parts) => parts.join(''))
  .filter((pattern) => !pattern.includes('***'))

export const texts: fc.Arbitrary<string> = fc
  .array(fc.constantFrom('a', 'b', 'c', '/', '.', ':', '*'), { maxLength: 7 })
  .map((parts) => parts.join(''))
