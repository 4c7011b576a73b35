/** Which columns of the table the role may read. */
import type { LoadPlan } from "./load_plan.ts";
import type { Table } from "./catalog/table.ts";

export function mayRead(table: Table, name: string): boolean {
  return table.columns.find((column) => column.name === name)?.mayRead !== false;
}

export function unreadableKey({ table, key }: LoadPlan): readonly string[] {
  return key.filter((name) => !mayRead(table, name));
}
