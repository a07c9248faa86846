/** One node's word that it feeds a sink until an instant. */
export interface SinkClaim {
  readonly sink: string
  readonly holder: string
  readonly until: Date
}

/**
 * How far each sink of a deployment has come in the trail, and which node feeds it.
 *
 * 1. `placeOf` MUST answer 0 for a sink that nobody has fed.
 * 2. `claim` MUST answer the place of a sink, and keep everybody else from it until the claim's `until` or its release. Of
 *    all that claim at once, one gets it.
 * 3. `claim` MUST answer undefined and change nothing while another holder's claim lasts; the same holder extends its own.
 * 4. `advance` MUST never move a sink's place backwards.
 * 5. `release` MUST end a claim of this holder, and nobody else's.
 */
export interface SinkPlaces {
  placeOf(sink: string): Promise<number>
  claim(claim: SinkClaim, now: Date): Promise<number | undefined>
  advance(sink: string, position: number): Promise<void>
  release(sink: string, holder: string): Promise<void>
}
