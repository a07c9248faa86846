import { describeCases } from '../../http/test/adapter-cases.ts'
import { describeFuzz } from '../../http/test/adapter-fuzz.ts'
import { describeGuards } from '../../http/test/adapter-guards.ts'
import { describePermissions } from '../../http/test/adapter-permissions.ts'
import { describeProofs } from '../../http/test/adapter-proofs.ts'
import { describeSockets } from '../../http/test/adapter-sockets.ts'
import { adapters } from './adapters.ts'

for (const adapter of adapters) {
  describeCases(adapter)
  describeSockets(adapter)
  describeGuards(adapter)
  describePermissions(adapter)
  describeProofs(adapter)
  describeFuzz(adapter)
}
