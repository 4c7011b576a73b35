/** What a run wrote to other tables for its rows. */
import type { RunReport } from "../../report/report_schema.ts";

/** `In customer_tags: 12 rows added, 1 removed.` */
export function relatedTexts({ summary, dry_run }: RunReport): readonly string[] {
  const related = summary?.related;
  if (typeof related !== "object" || related === null) return [];
  return Object.entries(related).map(([table, counts]) => {
    const parts = Object.entries(counts as Record<string, number>)
      .filter(([, rows]) => rows > 0)
      .map(([what, rows], index) => `${counted(rows, index === 0)} ${what}`);
    return `In ${table}: ${parts.join(", ")}${dry_run ? ", if it were a real run" : ""}.`;
  });
}

function counted(rows: number, isFirst: boolean): string {
  const count = rows.toLocaleString("en-US");
  return isFirst ? `${count} ${rows === 1 ? "row" : "rows"}` : count;
}
