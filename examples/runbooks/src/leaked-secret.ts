import type { Countersign } from '@countersign/core'

/** Ends a leaked client secret and every token that it opened, and answers the one that takes its place. */
export async function endLeakedSecret({ asHost }: Countersign, organization: string, id: string) {
  const { clientSecrets } = asHost('incident: leaked secret')
  const successor = await clientSecrets.rotate({ organization, id })
  await clientSecrets.revoke({ organization, id, reason: 'leaked' })
  return successor.clientSecret
}

/** What was done in the name of an identity since an instant, the newest first. */
export async function whatItDid(
  { asHost }: Countersign,
  { organization, identity, since }: { organization: string; identity: string; since: Date },
) {
  const { events } = asHost('incident: leaked secret')
  return (await events.list({ organization, identity, since })).items
}
