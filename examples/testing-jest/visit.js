const { once } = require('node:events')

/** Sends one request to an app that listens for it alone; supertest does the same. */
exports.visit = async (app, path, headers = {}) => {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers })
    return { status: response.status, body: await response.json() }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
