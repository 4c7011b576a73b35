/** The values that a foreign key takes. */
import { identifier } from "../../../db/quoting.ts";
import type { Session } from "../../../db/session.ts";
import type { ForeignKey, Table } from "../../../load/catalog/table.ts";

/** Of a longer list nobody could say which value was meant. */
const MAX_VALUES = 10_000;

/** The foreign key of this column alone. */
export function foreignKeyOf({ foreignKeys }: Table, column: string): ForeignKey | null {
  return foreignKeys.find(({ columns }) => columns.length === 1 && columns[0] === column) ?? null;
}

/** As text; null if they can't be read, or are too many. */
export async function referencedValues(
  session: Session,
  key: ForeignKey,
): Promise<ReadonlySet<string> | null> {
  if (key.opaque) return null;
  const rows = await session.query<{ value: string }>(
    `select ${identifier(key.referencedColumns[0])}::text as value from ${key.referencedRows}
     where ${identifier(key.referencedColumns[0])} is not null limit ${MAX_VALUES + 1}`,
  );
  return rows.length > MAX_VALUES ? null : new Set(rows.map(({ value }) => value));
}
