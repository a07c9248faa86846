import { certificateFetch, surroundingsOf } from '@countersign/client/node'
import { work } from './workload.mjs'

const [url] = process.argv.slice(2)
if (typeof certificateFetch !== 'function' || surroundingsOf({}).fileExists('/nowhere'))
  throw new Error('The entry for Node does not work here')
console.log(await work(url))
