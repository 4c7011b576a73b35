/** What is kept of a row that is deleted, to put it back. */
import { identifier, literal } from "../../db/quoting.ts";
import { asText } from "../as_text.ts";
import type { Table } from "../catalog/table.ts";

/** SQL of jsonb: the values of the row `t` as text, by column. Postgres computes the others again. */
export function deletedRow({ columns }: Table): string {
  const kept = columns.filter(({ readonly }) => !readonly);
  const names = kept.map(({ name }) => literal(name)).join(", ");
  const values = kept.map((column) => asText(column, `t.${identifier(column.name)}`)).join(", ");
  return `jsonb_object(array[${names}]::text[], array[${values}]::text[])`;
}
