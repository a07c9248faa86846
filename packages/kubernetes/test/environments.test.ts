import { describe, expect, test } from 'vitest'
import { AUDIENCE, aCluster, refusalOf } from './support/world.ts'

// Clusters that a cloud runs, each with the issuer that its cloud documents: the rows of docs/reference/auth-methods that
// send a workload here.

const ISSUERS = {
  'GKE, workload identity federation':
    'https://container.googleapis.com/v1/projects/acme-prod/locations/europe-west1/clusters/prod',
  EKS: 'https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE',
  AKS: 'https://westeurope.oic.prod-aks.azure.com/11111111-1111-4111-8111-111111111111/22222222-2222-4222-8222-222222222222/',
}

describe.each(Object.entries(ISSUERS))('%s', (_name, issuer) => {
  test("lets in a service account by the cluster's own token, and no other cluster's", async () => {
    const { attach, login, cluster, account } = await aCluster()
    const identity = await attach({
      mode: 'local',
      issuer,
      jwks: { keys: [cluster.key().jwk] },
      audiences: [AUDIENCE],
      serviceAccounts: [{ namespace: 'prod', name: 'api' }],
    })
    const tokenBy = (iss: string, holder = account) =>
      cluster.tokenOf(holder, { audiences: [AUDIENCE], claims: { iss } })
    await expect(login(identity, tokenBy(issuer))).resolves.toMatchObject({ tokenType: 'Bearer' })
    expect(await refusalOf(login(identity, tokenBy(`${issuer}x`)))).toMatchObject({
      reason: 'wrong_issuer',
    })
    const other = cluster.create('prod', 'other')
    expect(await refusalOf(login(identity, tokenBy(issuer, other)))).toMatchObject({
      reason: 'service_account_not_allowed',
    })
  })
})
