import * as z from 'zod'

/** Writes schemas as JSON Schema, those that have a name once for all. */
export interface Schemas {
  /** Whether it is about what arrives or about what is answered. */
  write(schema: z.ZodType, io: 'input' | 'output'): object
  /** Everything that had a name. */
  named(): Readonly<Record<string, object>>
}

/** Creates a writer of schemas. */
export function createSchemas(): Schemas {
  const components = new Map<string, object>()
  return {
    write(schema, io) {
      const {
        $schema: _dialect,
        $defs = {},
        ...written
      } = z.toJSONSchema(schema, {
        io,
        unrepresentable: 'any',
        reused: 'inline',
      }) as Readonly<Record<string, unknown>>
      for (const [name, definition] of Object.entries($defs as Record<string, object>))
        components.set(name, relocate(definition))
      return relocate(written)
    },
    named: () => Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** What zod puts beside a schema, OpenAPI keeps among its components; and there a name needs no id beside. */
function relocate(schema: object): object {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string'
      ? value.replace('#/$defs/', '#/components/schemas/')
      : value,
  )
  const { id: _id, $id: _other, ...rest } = JSON.parse(text) as Readonly<Record<string, unknown>>
  return rest
}
