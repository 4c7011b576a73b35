/** The files of a run that reads several. */
import type { Run } from "../../ledger/runs/runs.ts";
import { formatCount } from "../../report/numbers.ts";
import type { FileReport } from "../../report/report_schema.ts";
import type { Style } from "./style.ts";
import { renderTable, type TextColumn } from "./text_table.ts";

const COLUMNS: readonly TextColumn[] = [
  { title: "rows", right: true },
  { title: "created", right: true },
  { title: "updated", right: true },
  { title: "skipped", right: true },
  { title: "failed", right: true },
  { title: "file" },
];

export function renderFiles(
  { id, original_filename: file }: Pick<Run, "id" | "original_filename">,
  files: readonly FileReport[],
  width: number | null,
  style: Style,
): string[] {
  if (files.length === 0) return [`Run ${id} reads one file: ${file ?? "unknown"}`];
  const count = (number: number | null) => number === null ? "…" : formatCount(number);
  const known = (number: number | null) => number === null ? "?" : formatCount(number);
  const rows = files.map(({ name, rows, created, updated, skipped, failed }) => [
    count(rows),
    ...[created, updated, skipped].map(known),
    count(failed),
    name,
  ]);
  return renderTable(COLUMNS, rows, width, style);
}
