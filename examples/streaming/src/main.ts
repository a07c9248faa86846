import { openStage } from './stage.ts'

const { url, countersign, logIn, close } = await openStage()
const token = await logIn()
const stream = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
console.log(`GET ${url} answers ${stream.status}, and stays open`)
await countersign.revoke(token, { address: '127.0.0.1' })
const events = await stream.text()
await close()
if (!events.endsWith('event: end\ndata: revoked\n\n')) throw new Error(events)
console.log('The token was revoked, and the stream ended')
