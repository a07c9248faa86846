import type { Migration } from './migration.ts'

// A template that an auth method names cannot go, whoever else is at it: that is what the reference is for.

/** What the policies of auth methods share. */
export const templates: Migration = {
  version: 8,
  name: 'templates',
  breaking: false,
  statements: [
    `CREATE TABLE @auth_templates (
      id text COLLATE "C" PRIMARY KEY,
      organization text COLLATE "C" NOT NULL REFERENCES @organizations ON DELETE CASCADE,
      name text COLLATE "C" NOT NULL,
      method text COLLATE "C" NOT NULL,
      revision bigint NOT NULL,
      record json NOT NULL
    )`,
    `CREATE INDEX auth_templates_by_name ON @auth_templates (organization, name, id)`,
    `CREATE INDEX auth_templates_by_id ON @auth_templates (organization, id)`,
    `ALTER TABLE @auth_methods ADD COLUMN template text COLLATE "C" REFERENCES @auth_templates`,
    `CREATE INDEX auth_methods_by_template ON @auth_methods (template, id) WHERE template IS NOT NULL`,
  ],
}
