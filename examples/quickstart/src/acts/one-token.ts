import { strict as assert } from 'node:assert'
import { say, title } from '../narrator.ts'
import type { Stage } from '../stage.ts'
import type { Login } from './four-steps.ts'

/** One token where others need a key for the organization and a key for each project. */
export async function useToken({ workload }: Stage, { accessToken }: Login): Promise<void> {
  title('One token for two projects and the organization')
  for (const project of ['web', 'api']) {
    const path = `/api/projects/${project}/secrets/prod/apps/api/db`
    const { status, body } = await workload.read(path, accessToken)
    assert.deepEqual([status, body['project']], [200, project])
    say(`GET ${path} answers ${status}`, JSON.stringify(body))
  }
  const { status, body } = await workload.approve('inv-7', accessToken)
  assert.deepEqual([status, body['approvedBy']], [200, 'nightly-deploy'])
  say(`POST /api/invoices/inv-7/approve answers ${status}`, JSON.stringify(body))
}
