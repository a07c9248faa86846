import { STATUS_CODES } from 'node:http'
import type { NestActivation, NestGuard, NestRequest } from '@countersign/nest'
import { RefusedError } from '@countersign/nest'
import type { ArgumentsHost, HttpServer, Type } from '@nestjs/common'
import { All, Controller, Get, Module, Req, Res, UseGuards } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'
import type { HostGiven } from '../../http/test/adapter.ts'
import { confuse, countBytes, questionOf, turns } from '../../http/test/adapter.ts'
import { HOST_HEADER } from '../../http/test/http-cases.ts'

/** A response of either platform, as far as a route here needs it. */
interface Responding {
  status(status: number): unknown
  header(name: string, value: string): unknown
  send(body: unknown): unknown
}

type Handle = (request: NestRequest, response: Responding) => unknown

interface Row {
  readonly path: string
  readonly guards: readonly NestActivation[]
  readonly handle: Handle
}

/** The routes of a host whose guards are these, as a module of Nest's. */
export function moduleOf(guard: NestGuard, { ran }: Pick<HostGiven, 'ran'>): Type {
  class Host {}
  Module({ controllers: [controllerOf(rowsOf(guard, ran))] })(Host)
  return Host
}

function rowsOf(guard: NestGuard, ran: HostGiven['ran']): readonly Row[] {
  const answer: Handle = async (request, response) => {
    ran?.(urlOf(request).replace(/\?.*/, ''))
    await turns(3)
    response.send({ identity: guard.principalOf(request).identity })
  }
  const signedIn = guard.authenticate()
  const perhaps = guard.authenticate({ optional: true })
  const own = (request: NestRequest) => {
    const { project = '' } = guard.principalOf(request).metadata
    return { project, environment: 'prod', path: '/' }
  }
  const later = async (): Promise<object> => ({})
  const secret = guard.can('secret:read', (request) => questionOf(urlOf(request)))
  return [
    {
      path: 'unguarded',
      guards: [],
      handle: (request, response) => response.send(guard.principalOf(request)),
    },
    { path: 'guarded', guards: [signedIn], handle: answer },
    { path: 'twice', guards: [signedIn, perhaps], handle: answer },
    {
      path: 'optional',
      guards: [perhaps],
      handle: (request, response) => {
        ran?.('/optional')
        response.send({ identity: guard.findPrincipal(request)?.identity ?? null })
      },
    },
    { path: 'answered', guards: [taken, signedIn], handle: answer },
    { path: 'secret', guards: [secret], handle: answer },
    {
      path: 'invoice',
      guards: [guard.can('invoice:read'), guard.can('invoice:approve')],
      handle: answer,
    },
    { path: 'own', guards: [guard.can('secret:read', own)], handle: answer },
    { path: 'confused', guards: [guard.can('secret:read', confuse)], handle: answer },
    {
      path: 'later',
      guards: [guard.can('invoice:approve', later as () => object)],
      handle: answer,
    },
  ]
}

/** A guard of the host's that has answered before ours comes to speak. */
const taken: NestActivation = {
  async canActivate(context) {
    const response = context.switchToHttp().getResponse() as Responding
    response.send('taken')
    return true
  },
}

/** What decorators would say, said by hand: types that are stripped leave none of them. */
function controllerOf(rows: readonly Row[]): Type {
  class Routes {}
  for (const { path, guards, handle } of rows)
    add(Routes, path, handle, [Get(path), UseGuards(...guards)])
  add(Routes, 'rest', answerRest, [All('*')])
  Controller()(Routes)
  return Routes
}

function add(
  { prototype }: Type,
  name: string,
  handle: Handle,
  decorators: readonly MethodDecorator[],
): void {
  const descriptor = { value: handle.bind(undefined), writable: true, configurable: true }
  Object.defineProperty(prototype, name, descriptor)
  Req()(prototype, name, 0)
  Res()(prototype, name, 1)
  for (const decorate of decorators) decorate(prototype, name, descriptor)
}

const answerRest: Handle = async (request, response) => {
  const { body } = request as { readonly body?: unknown }
  const received =
    typeof body === 'string'
      ? Buffer.byteLength(body)
      : await countBytes('raw' in request ? request.raw : request)
  response.status(404)
  response.header(HOST_HEADER, 'yes')
  response.send({ received })
}

function urlOf(request: NestRequest): string {
  return ('raw' in request ? request.raw.url : request.url) ?? ''
}

/** A host's own filter, for whom the form of our answers is that of every answer. */
export class OurForm extends BaseExceptionFilter {
  readonly #server: HttpServer

  constructor(server: HttpServer) {
    super(server)
    this.#server = server
  }

  override catch(error: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse()
    if (!(error instanceof RefusedError) || this.#server.isHeadersSent(response)) {
      super.catch(error, host)
      return
    }
    const { status, headers, message } = error
    const word = STATUS_CODES[status]?.replaceAll(' ', '')
    const body = { reqId: headers['x-request-id'], statusCode: status, message, error: word }
    this.#server.setHeader(response, 'content-type', 'application/json; charset=utf-8')
    this.#server.reply(response, body, status)
  }
}
