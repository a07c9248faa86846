import type { Countersign, CountersignOptions } from '@countersign/core'
import { createCountersign } from '@countersign/core'

/** The id of the root key that made digests and seals so far. */
export async function newestRootKey({ asHost }: Countersign) {
  const keys = await asHost('incident: leaked root key').rootKeys.status()
  return keys.find(({ newest }) => newest)?.rootKey ?? ''
}

/** Starts anew without the leaked key: `ready()` revokes what depends on it. */
export async function startWithout(options: CountersignOptions, leaked: string, fresh: string) {
  const countersign = createCountersign({
    ...options,
    rootKeys: [fresh],
    retiredRootKeys: [leaked],
  })
  await countersign.ready()
  return countersign
}
