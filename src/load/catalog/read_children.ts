/** Reads the tables of the rows that are in a row, at any depth. */
import type { Session } from "../../db/session.ts";
import type { NestedRule } from "../../importer/definition.ts";
import { readRelated } from "./read_links.ts";
import { readLookups, readMatched } from "./read_lookups.ts";
import type { FoundChildren, Table } from "./table.ts";

/** In the order of `nested`. `taken`: tables that the import writes to. Runs in a transaction. */
export async function readChildren(
  session: Session,
  parent: Table,
  nested: readonly NestedRule[],
  ledgerSchema: string,
  taken: Set<number> = new Set([parent.oid]),
): Promise<readonly FoundChildren[]> {
  const found: FoundChildren[] = [];
  for (const rule of nested) {
    const table = await readRelated(session, rule.table, ledgerSchema);
    if ("missing" in table) {
      found.push(table);
      continue;
    }
    const isTaken = taken.has(table.oid);
    taken.add(table.oid);
    const links = Object.entries(rule.foreign_key);
    const own = await readMatched(session, table, table.columns, links.map(([name]) => name));
    const parents = await readMatched(session, parent, parent.columns, links.map(([, of]) => of));
    const children = await readChildren(session, table, rule.nested, ledgerSchema, taken);
    const asked = Object.entries(rule.columns).flatMap(([target, { lookup = null }]) =>
      lookup === null ? [] : [[target, lookup] as const]
    );
    const lookups = await readLookups(session, table, Object.fromEntries(asked), ledgerSchema);
    // Rows that the same run writes may come earlier or later.
    const marked = Object.fromEntries(
      Object.entries(lookups).map(([target, lookup]) => [
        target,
        "missing" in lookup ? lookup : { ...lookup, isTarget: taken.has(lookup.oid) },
      ]),
    );
    found.push({ table: { ...table, lookups: marked, children }, isTaken, own, parents });
  }
  return found;
}
