import type { HonoGuard } from '@countersign/hono'
import { honoGuard, honoHandler } from '@countersign/hono'
import { getRequestListener } from '@hono/node-server'
import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import type { Adapter, HostGiven } from '../../http/test/adapter.ts'
import { confuse, PREFIX, questionOf, turns } from '../../http/test/adapter.ts'
import { HOST_HEADER } from '../../http/test/http-cases.ts'

/** Hono as a host, on Node. What reads a body there leaves its text to whoever comes behind. */
export const adapters: readonly Adapter[] = [
  { name: 'Hono 4', leaves: 'the text', refusesTargets: true, create: createApp },
]

function createApp(given: HostGiven) {
  const { countersign, mounting, addressHeader, bodyDeadline, ran } = given
  const clientAddress = ({ req }: Context) => req.header(addressHeader ?? '')
  const options = addressHeader === undefined ? {} : { clientAddress }
  const guard = honoGuard(countersign, options)
  const prefix = mounting === 'under a prefix' ? PREFIX : undefined
  const answer = async (context: Context) => {
    ran?.(context.req.path)
    await turns(3)
    return context.json({ identity: guard.principalOf(context).identity })
  }
  const app = new Hono()
  app.onError((_error, context) => context.text('The host has failed', 500))
  if (mounting === 'behind a body parser') app.use(readFirst)
  app.use(honoHandler(countersign, { ...options, bodyDeadline, prefix }))
  app.get('/unguarded', (context) => context.json(guard.principalOf(context)))
  app.get('/guarded', guard.authenticate(), answer)
  app.get('/twice', guard.authenticate(), guard.authenticate({ optional: true }), answer)
  app.get('/optional', guard.authenticate({ optional: true }), (context) => {
    ran?.(context.req.path)
    return context.json({ identity: guard.findPrincipal(context)?.identity ?? null })
  })
  app.get('/answered', (context) => context.text('taken'), guard.authenticate())
  for (const [path, decide] of decidingGuards(guard)) {
    for (const one of decide) app.use(path, one)
    app.get(path, answer)
  }
  app.all('*', async (context) => {
    const body = await context.req.text()
    context.header(HOST_HEADER, 'yes')
    return context.json({ received: Buffer.byteLength(body) }, 404)
  })
  return getRequestListener(app.fetch, { overrideGlobalObjects: false })
}

/** What a host does whose middleware looks into bodies. */
const readFirst: MiddlewareHandler = async (context, next) => {
  const type = context.req.header('content-type') ?? ''
  if (/^application\/json/i.test(type)) await context.req.json().catch(() => undefined)
  else if (/urlencoded/.test(type)) await context.req.text()
  return next()
}

function decidingGuards(
  guard: HonoGuard,
): readonly (readonly [string, readonly MiddlewareHandler[]])[] {
  const own = (context: Context) => {
    const { project = '' } = guard.principalOf(context).metadata
    return { project, environment: 'prod', path: '/' }
  }
  const later = async (): Promise<object> => ({})
  return [
    ['/secret', [guard.can('secret:read', ({ req }) => questionOf(req.url))]],
    ['/invoice', [guard.can('invoice:read'), guard.can('invoice:approve')]],
    ['/own', [guard.can('secret:read', own)]],
    ['/confused', [guard.can('secret:read', confuse)]],
    ['/later', [guard.can('invoice:approve', later as () => object)]],
  ]
}
