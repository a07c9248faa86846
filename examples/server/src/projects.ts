import { isCountersignError } from '@countersign/core'
import type { ExpressGuard } from '@countersign/express'
import type { RequestHandler } from 'express'
import type { SecretParams } from './secret.ts'
import type { Engine, resources } from './vocabulary.ts'

/**
 * Lets requests pass that name a project of the principal's organization. All others are answered 404 alike: whether
 * another tenant has such a project is none of this tenant's business.
 *
 * A role that is bound to an organization reaches any project there, and the guard looks nothing up: so this comes first.
 */
export function requireProject(
  countersign: Engine,
  guard: ExpressGuard<typeof resources>,
): RequestHandler<SecretParams> {
  const { projects } = countersign.asHost('reference server')
  return async (request, response, next) => {
    const { organization } = guard.principalOf(request)
    try {
      await projects.get({ organization, id: request.params.project })
    } catch (error) {
      if (!isCountersignError(error) || error.code === 'unavailable') throw error
      response.status(404).json({
        statusCode: 404,
        message: 'There is no such project',
        error: 'NotFound',
      })
      return
    }
    next()
  }
}
