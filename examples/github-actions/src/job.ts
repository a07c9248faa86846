/** What a GitHub Actions job does: it asks for a token in the name of this very job, and shows it instead of an API key. */
export async function publishFrom(
  { ACTIONS_ID_TOKEN_REQUEST_URL: url = '', ACTIONS_ID_TOKEN_REQUEST_TOKEN: token = '' },
  audience: string,
  send: typeof fetch,
): Promise<number> {
  const asked = await send(`${url}&audience=${encodeURIComponent(audience)}`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const { value } = (await asked.json()) as { readonly value: string }
  const headers = { authorization: `Bearer ${value}` }
  const answer = await send(`${audience}/releases`, { method: 'POST', headers })
  return answer.status
}
