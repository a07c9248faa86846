// One door for each library whose transactions `within` can take.

export type { DrizzleTransaction } from './drizzle.ts'
export { fromDrizzle } from './drizzle.ts'
export type { KnexTransaction } from './knex.ts'
export { fromKnex } from './knex.ts'
export type { KyselyTransaction } from './kysely.ts'
export { fromKysely } from './kysely.ts'
export type { PostgresJsTransaction } from './postgres-js.ts'
export { fromPostgresJs } from './postgres-js.ts'
export type { PrismaTransaction } from './prisma.ts'
export { fromPrisma } from './prisma.ts'
export type { TypeormEntityManager, TypeormQueryRunner } from './typeorm.ts'
export { fromTypeorm } from './typeorm.ts'
