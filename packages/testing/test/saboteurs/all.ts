import { authTemplateSaboteurs } from './auth-templates.ts'
import { rotationSaboteurs, staticTokenSaboteurs } from './credentials.ts'
import { heldMarkSaboteurs } from './held-marks.ts'
import { boundSaboteurs, holdingSaboteurs } from './holdings.ts'
import { keySaboteurs, redigestSaboteurs, rootKeySaboteurs } from './keys.ts'
import { loginSaboteurs } from './logins.ts'
import { noticeSaboteurs } from './notices.ts'
import { recordSaboteurs } from './records.ts'
import { roleBindingSaboteurs } from './role-bindings.ts'
import { projectIdentitySaboteurs, roleSaboteurs } from './roles.ts'
import type { StorageSaboteur } from './saboteur.ts'
import { sinkPlaceSaboteurs } from './sink-places.ts'
import { authoritySaboteurs, secretSaboteurs, tokenSaboteurs } from './tokens.ts'
import { chainSaboteurs, checkpointSaboteurs, trailSaboteurs } from './trail.ts'
import { holdSaboteurs, hostTransactionSaboteurs, removalRaceSaboteurs } from './transactions.ts'

/** Every storage with one bug: each must be caught, whatever the honest storage under it is. */
export const storageSaboteurs: readonly StorageSaboteur[] = [
  ...recordSaboteurs,
  ...authTemplateSaboteurs,
  ...projectIdentitySaboteurs,
  ...roleSaboteurs,
  ...roleBindingSaboteurs,
  ...holdingSaboteurs,
  ...boundSaboteurs,
  ...loginSaboteurs,
  ...tokenSaboteurs,
  ...secretSaboteurs,
  ...staticTokenSaboteurs,
  ...rotationSaboteurs,
  ...noticeSaboteurs,
  ...keySaboteurs,
  ...rootKeySaboteurs,
  ...redigestSaboteurs,
  ...heldMarkSaboteurs,
  ...trailSaboteurs,
  ...chainSaboteurs,
  ...checkpointSaboteurs,
  ...sinkPlaceSaboteurs,
  ...authoritySaboteurs,
  ...holdSaboteurs,
  ...hostTransactionSaboteurs,
  ...removalRaceSaboteurs,
]
