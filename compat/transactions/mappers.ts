import { fromPrisma, fromTypeorm } from '@countersign/postgres/hosts'
import { PrismaPg } from '@prisma/adapter-pg'
import { DataSource, EntitySchema } from 'typeorm'
import { PrismaClient } from './generated/client.ts'
import type { Host, HostTransaction } from './host.ts'

export const prisma: Host = {
  library: 'Prisma',
  async open(url) {
    const db = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 4 }) })
    return {
      transaction: (run) =>
        db.$transaction((tx) =>
          run({
            client: fromPrisma(tx),
            addAgent: (name, identity) => tx.agent.create({ data: { name, identity } }),
          }),
        ),
      beside: () => fromPrisma(db),
      close: () => db.$disconnect(),
    }
  },
}

const Agent = new EntitySchema<{ readonly name: string; readonly identity: string }>({
  name: 'agents',
  columns: { name: { type: 'text', primary: true }, identity: { type: 'text' } },
})

async function openTypeorm(url: string): Promise<DataSource> {
  return new DataSource({ type: 'postgres', url, entities: [Agent] }).initialize()
}

export const typeorm: Host = {
  library: 'TypeORM',
  async open(url) {
    const db = await openTypeorm(url)
    return {
      transaction: (run) =>
        db.transaction((manager) =>
          run({
            client: fromTypeorm(manager),
            addAgent: (name, identity) => manager.insert(Agent, { name, identity }),
          }),
        ),
      beside: () => fromTypeorm(db.manager),
      close: () => db.destroy(),
    }
  },
}

export const typeormQueryRunner: Host = {
  library: 'TypeORM by a query runner',
  async open(url) {
    const db = await openTypeorm(url)
    return {
      async transaction(run) {
        const runner = db.createQueryRunner()
        await runner.startTransaction()
        const transaction: HostTransaction = {
          client: fromTypeorm(runner),
          addAgent: (name, identity) => runner.manager.insert(Agent, { name, identity }),
        }
        try {
          const value = await run(transaction)
          await runner.commitTransaction()
          return value
        } catch (error) {
          await runner.rollbackTransaction()
          throw error
        } finally {
          await runner.release()
        }
      },
      beside: () => fromTypeorm(db.createQueryRunner()),
      close: () => db.destroy(),
    }
  },
}
