import { createClient, isClientError, universal } from '@countersign/client'

// Logs in, calls, and ends the login, as a stranger does it, with a key and without; run by `pnpm check:runtimes`.
export async function work(url) {
  const auth = universal({ clientId: 'idn_1', clientSecret: () => 'secret' })
  for (const dpop of [false, true]) {
    const client = createClient({ url, auth, dpop })
    const response = await client.fetch(`${url}/orders`, { method: 'POST', body: 'one' })
    if ((await response.text()) !== `one, ${dpop ? 'DPoP' : 'Bearer'}`)
      throw new Error(`The call was answered ${response.status}`)
    await client.revoke()
  }
  const wrong = universal({ clientId: 'idn_1', clientSecret: 'wrong' })
  const refused = await createClient({ url, auth: wrong })
    .token()
    .catch((error) => error)
  if (!isClientError(refused) || refused.code !== 'invalid_credential') throw refused
  return 'logs in'
}
