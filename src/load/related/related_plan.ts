/** What is counted of rows that belong to those of the table, in other tables. */

/** How many rows of another table were written, and how: `added`, `removed`, `created`, `updated` … */
export type RelatedCounts = Readonly<Record<string, number>>;

/** By table. */
export type Related = ReadonlyMap<string, RelatedCounts>;

export function addCounts(
  all: Map<string, RelatedCounts>,
  table: string,
  counts: RelatedCounts,
): void {
  if (Object.values(counts).every((rows) => rows === 0)) return;
  const sum: Record<string, number> = { ...all.get(table) };
  for (const [what, rows] of Object.entries(counts)) sum[what] = (sum[what] ?? 0) + rows;
  all.set(table, sum);
}

/** What triggers put elsewhere, or dropped. Hardly ever there is any. */
export function takenByTrigger(rows: number): RelatedCounts {
  return rows === 0 ? {} : { taken: rows };
}

/** What an INSERT returns of the rows that it wrote. */
export interface Inserted {
  readonly created_at?: readonly number[];
  /** As JSON: an array of texts for each. */
  readonly created_texts?: readonly (readonly (string | null)[])[];
}
