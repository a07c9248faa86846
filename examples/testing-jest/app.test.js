const { anIdentity, bearerFor, eventsOf, testCountersign } = require('@countersign/testing')
const { createApp } = require('./app.js')
const { visit } = require('./visit.js')

test('a workload that logged in reads the report', async () => {
  const countersign = testCountersign()
  const worker = await anIdentity(countersign, { name: 'nightly' })
  const headers = await bearerFor(countersign, worker)
  const answer = await visit(createApp(countersign), '/report', headers)
  expect(answer).toEqual({ status: 200, body: { report: 'All quiet', for: 'nightly' } })
})

test('nobody else does', async () => {
  const answer = await visit(createApp(testCountersign()), '/report')
  expect(answer.status).toBe(401)
})

test('an expired token is refused', async () => {
  const countersign = testCountersign()
  const worker = await anIdentity(countersign)
  const headers = await bearerFor(countersign, worker, { expired: true })
  const answer = await visit(createApp(countersign), '/report', headers)
  expect(answer.status).toBe(401)
})

test('a token is refused from the second on that it expires', async () => {
  const countersign = testCountersign()
  const headers = await bearerFor(countersign, await anIdentity(countersign))
  const app = createApp(countersign)
  countersign.clock.advance(7199)
  expect((await visit(app, '/report', headers)).status).toBe(200)
  countersign.clock.advance(1)
  expect((await visit(app, '/report', headers)).status).toBe(401)
})

test('a revoked token is refused, and the trail says why', async () => {
  const countersign = testCountersign()
  const worker = await anIdentity(countersign)
  const headers = await bearerFor(countersign, worker, { revoked: true })
  const answer = await visit(createApp(countersign), '/report', headers)
  expect(answer.status).toBe(401)
  const events = await eventsOf(countersign)
  expect(events.at(-1)).toMatchObject({ type: 'token.refused', reason: 'token_revoked' })
})
