/**
 * The e-mail address of a service account: of a project, of a project below a domain, and the two that Compute Engine and
 * App Engine make by themselves. Nobody else's address ends like these.
 */
const EMAIL = new RegExp(
  [
    '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?@[a-z0-9](?:[a-z0-9.-]{0,100}[a-z0-9])?\\.iam\\.gserviceaccount\\.com$',
    '^[0-9]{1,20}-compute@developer\\.gserviceaccount\\.com$',
    '^[a-z0-9](?:[a-z0-9.-]{0,100}[a-z0-9])?@appspot\\.gserviceaccount\\.com$',
  ].join('|'),
)

/** The number that an account keeps for itself: one that was deleted and made again has another. */
const UNIQUE_ID = /^[0-9]{10,30}$(?!\n)/

/** Tells the e-mail address of a service account from everything else; line breaks are nothing of it. */
export function isServiceAccountEmail(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\n') && EMAIL.test(value)
}

/** Says why a text names no service account. */
export function refuseServiceAccount(value: string): string | undefined {
  const isNamed = isServiceAccountEmail(value) || UNIQUE_ID.test(value)
  return isNamed ? undefined : 'must be the e-mail address of a service account, or its numeric id'
}
