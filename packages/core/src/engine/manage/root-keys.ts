import type { NoConditions } from '../../input/signing-key.ts'
import { noConditions } from '../../input/signing-key.ts'
import type { RootKeyStatus } from '../root-keys.ts'
import { rootKeyStatus } from '../root-keys.ts'
import type { CommandsOf } from './command.ts'

/** Shows what the root keys are needed for, on the host's word alone. */
export interface RootKeys {
  /** What depends on which root key: one with nothing left can be taken out of the options. */
  status(query?: NoConditions): Promise<readonly RootKeyStatus[]>
}

/** What looking at root keys takes and does. */
export const rootKeyCommands: CommandsOf<RootKeys> = {
  status: {
    input: noConditions,
    permission: 'signing-key:read',
    run: (desk) => rootKeyStatus(desk),
  },
}
