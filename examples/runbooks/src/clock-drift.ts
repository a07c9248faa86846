import type { Countersign } from '@countersign/core'

/** By how many seconds a node is off, and whether that is too much. */
export async function driftOf({ health }: Countersign) {
  const { clock } = await health()
  return { drift: clock.drift, tooMuch: !clock.ok }
}

/** Sets the node to the clock of the storage now, instead of at its next pass. */
export async function correctNow({ maintain, health }: Countersign) {
  await maintain()
  return (await health()).clock.ok
}
