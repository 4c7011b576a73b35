/** Why hooks don't fit the tables of a definition, of which they may choose one for each row. */
import type { Uses } from "../../hooks/messages.ts";
import type { Definition } from "../../importer/definition.ts";

/** One sentence; null if they fit. */
export function wrongTables(
  { tables }: Definition,
  file: string,
  { tables: chosen, afterBatch }: Uses,
): string | null {
  if (tables === undefined) {
    return chosen === undefined
      ? null
      : `${file} chooses one of several tables, and the definition has one: name them in \`tables\``;
  }
  const names = tables.map(({ table }) => table);
  if (afterBatch) return `${file} has afterBatch, which can't be combined with \`tables\` yet`;
  if (chosen === undefined) {
    const open = tables.slice(0, -1).find(({ when }) => when === null);
    return open === undefined
      ? null
      : `${open.table} takes all rows: give it a \`when\`, or let ${file} have a function table`;
  }
  const both = tables.find(({ when }) => when !== null);
  if (both !== undefined) {
    return `${file} chooses the table of each row, so ${both.table} can't have a \`when\``;
  }
  const unknown = chosen.find((name) => !names.includes(name));
  const lacking = names.find((name) => !chosen.includes(name));
  if (unknown === undefined && lacking === undefined) return null;
  return `${file} chooses one of ${chosen.join(", ")}, and the definition has ${names.join(", ")}`;
}
