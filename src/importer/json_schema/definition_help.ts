/** The keys of a definition, for editors. */
import type { ParsedDefinition } from "../schema.ts";
import type { HelpFor } from "./key_help.ts";
import { MANY_HELP } from "./many_help.ts";
import { OPTION_HELP } from "./option_help.ts";
import { SOURCE_HELP } from "./source_help.ts";

export const DEFINITION_HELP: HelpFor<ParsedDefinition> = {
  slug: {
    says: "What the importer is called. Default: the file's name.",
    example: "crm_customers",
  },
  extends: {
    says:
      "The file, or files, in the same folder with what this definition begins with; what is said here " +
      "goes before it.",
    example: "_crm.yaml",
  },
  table: { says: "The table that is filled.", example: "public.customers" },
  tables: {
    says: "Instead of `table`: several tables, of which each row goes into the first one whose " +
      "condition holds. What one says of its key and columns goes before what all of them share.",
    example: [{ table: "admins", when: { column: "Type", equals: "admin" } }, { table: "users" }],
  },
  time_zone: {
    says: "In which local times are meant. Default: the session's.",
    example: "Europe/Berlin",
  },
  description: { says: "For ingest list.", example: "CRM customers, nightly" },
  source: {
    says: "Where the file comes from, and how it is read.",
    example: { delimiter: ";", encoding: "windows-1252" },
    keys: SOURCE_HELP,
  },
  key: {
    says: "The column or columns that tell which rows are the same. With `where`: among the rows " +
      "of the table for which this condition holds.",
    example: ["email"],
    keys: {
      columns: { says: "The key's column, or columns.", example: "email" },
      where: {
        says: "The condition of the unique index on these columns.",
        example: "deleted_at is null",
      },
    },
  },
  on_duplicate: {
    says: "What to do with a row whose key is there already: skip it, update, update_if_newer, " +
      "or fail. Default: skip; fail without a key.",
    example: "update",
  },
  on_missing: {
    says: "What to do when no row of the table has the key. Default: insert.",
    example: "skip",
  },
  on_absent: {
    says: "What becomes of rows of the table that the file doesn't have: keep, delete, or mark, " +
      "which sets a column. Needs a key and options.transaction: run. Default: keep.",
    example: { mark: { column: "discontinued", value: true } },
    keys: {
      mark: {
        says: "The column that is set in such rows, and to what.",
        example: { column: "discontinued", value: true },
        keys: {
          column: { says: "A column of the table.", example: "deleted_at" },
          value: { says: "Its value; now: the time, of a date or timestamp.", example: "now" },
        },
      },
    },
  },
  scope: {
    says:
      "Which rows of the table on_absent is about: by column, a value or several. Default: all.",
    example: { supplier: "acme", state: ["new", "paid"] },
  },
  compare: {
    says: "The columns that update_if_newer compares.",
    example: { source: "Changed", target: "changed_at" },
    keys: {
      source: { says: "The file's column.", example: "Changed" },
      target: { says: "The table's column.", example: "changed_at" },
    },
  },
  identity: {
    says: "For a column that Postgres numbers: keep the file's numbers, or generate new ones.",
    example: "keep",
  },
  columns: {
    says: "By target column: the source column, or a mapping that says how it is filled. " +
      "Without columns, the file's are matched to the table's by name.",
    example: { full_name: "Full Name", age: { from: "Age", type: "integer", min: 0 } },
  },
  many: {
    says: "Lists in the file that become rows of a pivot table: many-to-many relations.",
    example: [{
      from: "Tags",
      lookup: { table: "tags", match: "name" },
      pivot: { table: "customer_tags", local: "customer_id", foreign: "tag_id" },
    }],
    keys: MANY_HELP,
  },
  nested: {
    says: "Arrays of objects in a row of JSON that become rows of another table.",
    example: [{
      from: "line_items",
      table: "order_items",
      foreign_key: { order_id: "id" },
      columns: { sku: "sku", quantity: { from: "qty", type: "integer" } },
    }],
  },
  options: {
    says: "How a run is done.",
    example: { max_errors: "10%", undo: "updates" },
    keys: OPTION_HELP,
  },
  hooks: {
    says: "A JavaScript file beside the definition, whose functions are called for the rows.",
    example: "./customers.hooks.js",
  },
};
