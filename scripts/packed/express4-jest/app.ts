// A CommonJS consumer in TypeScript 5.4: it is compiled, not run.
import { createCountersign, memoryStorage } from '@countersign/core'
import { expressGuard, expressHandler } from '@countersign/express'

import express = require('express')

const countersign = createCountersign({
  issuer: 'https://api.example.com',
  rootKeys: [process.env['COUNTERSIGN_ROOT_KEY']],
  storage: memoryStorage(),
})
const guard = expressGuard(countersign)

export const app = express()
app.use(expressHandler(countersign))
app.get('/protected', guard.authenticate(), (request, response) => {
  const { identity } = guard.principalOf(request)
  response.json({ identity })
})
