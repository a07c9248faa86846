import type { Case } from '../case.ts'
import { authTemplateCases } from './auth-templates.ts'
import { authorityCases } from './authority.ts'
import { boundCases } from './bound.ts'
import { ceilingCases } from './ceiling.ts'
import { chainCases } from './chains.ts'
import { checkpointCases } from './checkpoints.ts'

import { credentialCasesOf, secretKind, staticTokenKind } from './credential-kinds.ts'
import { credentialRecordCases } from './credential-records.ts'
import { credentialCases } from './credentials.ts'
import { disuseCases } from './disuse.ts'
import { expiryCases } from './expiry.ts'
import { forgetCases } from './forgetting.ts'
import { grantCases } from './grants.ts'
import { heldMarkCases } from './held-marks.ts'
import { holdingCases } from './holdings.ts'
import { holdCases } from './holds.ts'
import { hostTransactionCases } from './host-transactions.ts'
import { identityCases } from './identities.ts'
import { keyCases } from './keys.ts'
import {
  authMethodKind,
  authTemplateKind,
  bindingKind,
  identityKind,
  organizationKind,
  projectKind,
  roleKind,
} from './kinds.ts'
import { lockoutCases } from './lockouts.ts'
import { loginFindCases, strikeCases } from './logins.ts'
import { membershipCases } from './memberships.ts'
import { outboxCases } from './outbox.ts'
import { ownershipCases } from './ownership.ts'
import { pageCases } from './page-cases.ts'
import { raceCases, recordRaceCases, revisionRaceCases } from './races.ts'
import { ownedCases, recordCases, revisionCases } from './record-cases.ts'
import { redigestCases } from './redigests.ts'
import { renewalCases } from './renewals.ts'
import { roleBindingCases } from './role-bindings.ts'
import { roleCases } from './roles.ts'
import { rootKeyCases } from './root-keys.ts'
import { scopeOwnershipCases } from './scope-ownership.ts'
import { rotationCases } from './secret-rotation.ts'
import { casesOf } from './shared.ts'
import { sinkPlaceCases } from './sink-places.ts'
import { staticTokenLoginCases } from './static-token-logins.ts'
import { staticTokenCases, staticTokenFindCases } from './static-tokens.ts'
import { tokenCases } from './tokens.ts'
import { trailCases } from './trail.ts'
import { transactionRaceCases } from './transaction-races.ts'
import { transactionCases } from './transactions.ts'
import type { StorageSubject } from './world.ts'

const every = [...recordCases, ...pageCases, ...recordRaceCases]
const credentialsOf = [...credentialCases, ...credentialRecordCases, ...expiryCases]
const revised = [...revisionCases, ...revisionRaceCases]

/** Every rule of the storage contract, for any storage that one process can reach twice at once. */
export const storageCases: readonly Case<StorageSubject>[] = [
  ...casesOf(organizationKind, [...every, ...revised]),
  ...casesOf(projectKind, [...every, ...revised, ...ownedCases]),
  ...casesOf(identityKind, [...every, ...revised, ...ownedCases]),
  ...casesOf(authMethodKind, [...every, ...revised, ...ownedCases]),
  ...casesOf(authTemplateKind, [...every, ...revised, ...ownedCases]),
  ...casesOf(roleKind, [...every, ...revised, ...ownedCases]),
  ...casesOf(bindingKind, [...every, ...ownedCases]),
  ...membershipCases,
  ...identityCases,
  ...disuseCases,
  ...authTemplateCases,
  ...roleCases,
  ...roleBindingCases,
  ...holdingCases,
  ...ownershipCases,
  ...scopeOwnershipCases,
  ...credentialCasesOf(secretKind, credentialsOf),
  ...credentialCasesOf(staticTokenKind, credentialsOf),
  ...rotationCases,
  ...staticTokenFindCases,
  ...staticTokenCases,
  ...staticTokenLoginCases,
  ...loginFindCases,
  ...strikeCases,
  ...ceilingCases,
  ...grantCases,
  ...heldMarkCases,
  ...redigestCases,
  ...tokenCases,
  ...boundCases,
  ...renewalCases,
  ...lockoutCases,
  ...keyCases,
  ...rootKeyCases,
  ...outboxCases,
  ...trailCases,
  ...chainCases,
  ...checkpointCases,
  ...forgetCases,
  ...sinkPlaceCases,
  ...transactionCases,
  ...transactionRaceCases,
  ...holdCases,
  ...hostTransactionCases,
  ...raceCases,
  ...authorityCases,
]
