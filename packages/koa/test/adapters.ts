import { createRequire } from 'node:module'
import type { KoaGuard } from '@countersign/koa'
import { koaGuard, koaHandler } from '@countersign/koa'
import { bodyParser } from '@koa/bodyparser'
import type { Context, Middleware } from 'koa'
import Koa from 'koa'
import type { Adapter, HostGiven } from '../../http/test/adapter.ts'
import { confuse, countBytes, PREFIX, questionOf, turns } from '../../http/test/adapter.ts'
import { HOST_HEADER } from '../../http/test/http-cases.ts'

/** Koa 2 has no types here; what of it is used has those of Koa 3. */
const Koa2: typeof Koa = createRequire(import.meta.url)('koa2')

/** Both majors of Koa, as hosts. */
export const adapters: readonly Adapter[] = [
  { name: 'Koa 3', create: (given) => createApp(new Koa({ proxy: true }), given) },
  { name: 'Koa 2', create: (given) => createApp(new Koa2({ proxy: true }), given) },
]

function createApp(app: Koa, given: HostGiven) {
  const { countersign, mounting, addressHeader, bodyDeadline, ran } = given
  const clientAddress = (context: Context) => context.get(addressHeader ?? '') || undefined
  const options = addressHeader === undefined ? {} : { clientAddress }
  const guard = koaGuard(countersign, options)
  const prefix = mounting === 'under a prefix' ? PREFIX : undefined
  const answer: Middleware = async (context) => {
    ran?.(context.path)
    await turns(3)
    context.body = { identity: guard.principalOf(context).identity }
  }
  const route = (path: string, ...stack: readonly Middleware[]): void => {
    app.use((context, next) => (context.path === path ? runAll(stack, context) : next()))
  }

  app.silent = true
  if (mounting === 'behind a body parser') app.use(bodyParser())
  app.use(koaHandler(countersign, { ...options, bodyDeadline, prefix }))
  route('/unguarded', (context) => {
    context.body = guard.principalOf(context)
  })
  route('/guarded', guard.authenticate(), answer)
  route('/twice', guard.authenticate(), guard.authenticate({ optional: true }), answer)
  route('/optional', guard.authenticate({ optional: true }), (context) => {
    ran?.(context.path)
    context.body = { identity: guard.findPrincipal(context)?.identity ?? null }
  })
  const late = guard.authenticate()
  route(
    '/answered',
    (context, next) => {
      context.res.statusCode = 200
      context.res.end('taken')
      return next()
    },
    late,
  )
  for (const [path, decide] of decidingGuards(guard)) route(path, ...decide, answer)
  app.use(async (context) => {
    const received = await countBytes(context.req)
    context.status = 404
    context.set(HOST_HEADER, 'yes')
    context.body = { received }
  })
  return app.callback()
}

function decidingGuards(guard: KoaGuard): readonly (readonly [string, readonly Middleware[]])[] {
  const own = (context: Context) => {
    const { project = '' } = guard.principalOf(context).metadata
    return { project, environment: 'prod', path: '/' }
  }
  const later = async (): Promise<object> => ({})
  return [
    ['/secret', [guard.can('secret:read', ({ url }) => questionOf(url))]],
    ['/invoice', [guard.can('invoice:read'), guard.can('invoice:approve')]],
    ['/own', [guard.can('secret:read', own)]],
    ['/confused', [guard.can('secret:read', confuse)]],
    ['/later', [guard.can('invoice:approve', later as () => object)]],
  ]
}

/** What koa-compose does, for one route. */
async function runAll([first, ...rest]: readonly Middleware[], context: Context): Promise<void> {
  await first?.(context as Parameters<Middleware>[0], () => runAll(rest, context))
}
