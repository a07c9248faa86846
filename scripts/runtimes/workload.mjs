import { createClient, isClientError, universal } from '@countersign/client'

// Logs in, renews, calls, and ends the login, as a stranger does it, with a key and without; run by `pnpm check:runtimes`.
export async function work(url) {
  const auth = universal({ clientId: 'idn_1', clientSecret: () => 'secret' })
  for (const dpop of [false, true]) await workOnce({ url, auth, dpop })
  const wrong = universal({ clientId: 'idn_1', clientSecret: 'wrong' })
  const refused = await createClient({ url, auth: wrong })
    .token()
    .catch((error) => error)
  if (!isClientError(refused) || refused.code !== 'invalid_credential') throw refused
  return 'logs in, renews, calls and revokes'
}

async function workOnce(options) {
  const clock = handMoved()
  let onEvent
  const renewed = new Promise((resolve, reject) => {
    onEvent = ({ type, error }) => {
      if (type === 'renewed') resolve()
      if (type === 'failed') reject(error)
    }
  })
  const client = createClient({ ...options, runtime: clock.runtime, onEvent })
  const first = await client.token()
  clock.elapsed = 500_000
  // Renewed beside those who still get the one before.
  const meanwhile = await client.token()
  await renewed
  const second = await client.token()
  if (`${first} ${meanwhile} ${second}` !== 'granted granted renewed')
    throw new Error(`The tokens were ${first}, ${meanwhile} and ${second}`)
  const response = await client.fetch(`${options.url}/orders`, { method: 'POST', body: 'one' })
  const shown = `one, ${options.dpop ? 'DPoP' : 'Bearer'} renewed`
  if ((await response.text()) !== shown) throw new Error(`The call was answered ${response.status}`)
  await client.revoke()
}

/** Nobody waits for a token to grow old. */
function handMoved() {
  const clock = { elapsed: 0 }
  clock.runtime = {
    now: () => clock.elapsed,
    wallClock: () => new Date(),
    random: () => 0,
    fetch: (...request) => fetch(...request),
    pause: async () => {},
    deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
  }
  return clock
}
