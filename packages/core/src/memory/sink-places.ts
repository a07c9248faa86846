import type { SinkClaim, SinkPlaces } from '../plugin.ts'

/** Creates the places of sinks, at the beginning of the stream. */
export function createSinkPlaces(): SinkPlaces {
  const places = new Map<string, number>()
  const claims = new Map<string, SinkClaim>()
  const placeOf = (sink: string): number => places.get(sink) ?? 0

  return {
    placeOf: async (sink) => placeOf(sink),
    async claim(claim, now) {
      const standing = claims.get(claim.sink)
      if (standing !== undefined && standing.holder !== claim.holder && now < standing.until)
        return undefined
      claims.set(claim.sink, { ...claim, until: new Date(claim.until) })
      return placeOf(claim.sink)
    },
    async advance(sink, position) {
      places.set(sink, Math.max(position, placeOf(sink)))
    },
    async release(sink, holder) {
      if (claims.get(sink)?.holder === holder) claims.delete(sink)
    },
  }
}
