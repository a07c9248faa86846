// A process of its own: the modules of AWS's SDK are loaded as Node loads them, not as a bundler of tests does.
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'

const { endpoint, credentials } = JSON.parse(process.argv[2])
const client = new STSClient({ maxAttempts: 1, ...(endpoint && { endpoint, credentials }) })
if (endpoint) await client.send(new GetCallerIdentityCommand({})).catch(() => undefined)
else console.log(JSON.stringify(await client.config.credentials()))
