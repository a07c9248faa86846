const { expressGuard } = require('@countersign/express')
const express = require('express')

/** Creates the app around an engine: the app's own, or that of one test. */
exports.createApp = (countersign) => {
  const guard = expressGuard(countersign)
  const app = express()

  app.get('/report', guard.authenticate(), (request, response) => {
    const { name } = guard.principalOf(request)
    response.json({ report: 'All quiet', for: name })
  })

  return app
}
