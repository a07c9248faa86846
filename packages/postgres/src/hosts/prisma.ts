import type { PostgresClient } from '../client.ts'
import { assertTransaction, createHostClient } from './host-client.ts'

/** What `prisma.$transaction` hands over. */
export interface PrismaTransaction {
  $queryRawUnsafe(text: string, ...values: unknown[]): PromiseLike<unknown>
}

/** Takes an interactive transaction of Prisma for `within`. */
export function fromPrisma(transaction: PrismaTransaction): PostgresClient {
  const { $connect } = transaction as { readonly $connect?: unknown }
  assertTransaction($connect === undefined, 'Prisma')
  return createHostClient(({ text, values }) => transaction.$queryRawUnsafe(text, ...values))
}
