const { expressGuard, expressHandler } = require('@countersign/express')
const express = require('express')
const { addUser, createAccount } = require('./accounts')
const { toClaim } = require('./countersign')
const { findUser, startSession } = require('./sessions')

/** Express 4 waits for no promise. */
const wait = (handle) => (request, response, next) => handle(request, response, next).catch(next)

/** Creates the backend: people sign up, sign in, and keep the reports of their organization. */
exports.createApp = ({ pool, countersign }) => {
  const app = express()
  app.use(express.json())

  const user = async (request) => toClaim(await findUser(pool, request))
  const guard = expressGuard(countersign, { user })
  app.use(expressHandler(countersign, { user }))

  const requireUser = wait(async (request, response, next) => {
    request.user = await findUser(pool, request)
    if (request.user === undefined) return response.status(401).json({ error: 'Sign in' })
    next()
  })

  const signUp = async (request, response) => {
    response.status(201).json(await createAccount(pool, countersign, request.body))
  }
  app.post('/signup', wait(signUp))

  const signIn = async (request, response) => {
    const { email, password } = request.body
    const cookie = await startSession(pool, email, password)
    if (cookie === undefined) return response.status(401).json({ error: 'Wrong password' })
    response.set('set-cookie', cookie).status(204).end()
  }
  app.post('/signin', wait(signIn))

  const invite = async (request, response) => {
    const { is_admin: isAdmin, organization_id: organization } = request.user
    if (!isAdmin) return response.status(403).json({ error: 'Administrators alone may do this' })
    await addUser(pool, { ...request.body, organization })
    response.status(204).end()
  }
  app.post('/users', requireUser, wait(invite))

  const listReports = async (request, response) => {
    const organization = Number(guard.principalOf(request).organization)
    const { rows } = await pool.query(
      'SELECT id, title FROM reports WHERE organization_id = $1 ORDER BY id',
      [organization],
    )
    response.json(rows)
  }
  app.get('/reports', guard.can('report:read'), wait(listReports))

  const addReport = async (request, response) => {
    const organization = Number(guard.principalOf(request).organization)
    const { rows } = await pool.query(
      'INSERT INTO reports (organization_id, title) VALUES ($1, $2) RETURNING id, title',
      [organization, request.body.title],
    )
    response.status(201).json(rows[0])
  }
  app.post('/reports', guard.can('report:write'), wait(addReport))

  return app
}
