/** What a run wrote to other tables for its rows, or what an undo did to each of several tables. */
import type { RunReport } from "./report_schema.ts";

/** `In customer_tags: 12 rows added, 1 removed.` */
export function relatedTexts({ summary, dry_run }: RunReport): readonly string[] {
  const related = summary?.related;
  if (typeof related !== "object" || related === null) return [];
  return Object.entries(related).map(([table, counts]) => {
    const parts = Object.entries(counts as Record<string, number>)
      .filter(([, rows]) => rows > 0)
      .sort(([one], [other]) => ORDER.indexOf(one) - ORDER.indexOf(other))
      .map(([what, rows], index) => `${counted(rows, index === 0)} ${WORDS[what] ?? what}`);
    return `In ${table}: ${parts.join(", ")}${dry_run ? ", if it were a real run" : ""}.`;
  });
}

/** What comes from the database is in another one. */
const ORDER = [
  "created",
  "added",
  "updated",
  "removed",
  "deleted",
  "restored",
  "skipped",
  "taken",
  "kept",
];

const WORDS: Readonly<Record<string, string>> = { taken: "taken by a trigger" };

function counted(rows: number, isFirst: boolean): string {
  const count = rows.toLocaleString("en-US");
  return isFirst ? `${count} ${rows === 1 ? "row" : "rows"}` : count;
}
