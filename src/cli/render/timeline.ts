/** What happened to a run, a line for each event. */
import type { Run } from "../../ledger/runs/runs.ts";
import type { TimelineEntry } from "../../report/timeline_schema.ts";
import { formatDuration, formatTime } from "../../report/numbers.ts";
import type { Style } from "./style.ts";
import { displayWidth, padEnd, printable, truncate, wrap } from "./terminal_text.ts";

/** Narrower than this, details would be a column of words. */
const LEAST_DETAILS = 20;
const GAP = "  ";

type NamedRun = Pick<Run, "id" | "importer" | "original_filename" | "status">;

/** Nothing is cut: long details go on below. Null `width`: each event stays one line. */
export function renderTimeline(
  { id, importer, original_filename: file, status }: NamedRun,
  entries: readonly TimelineEntry[],
  width: number | null,
  style: Style,
): string[] {
  const heads = ["time", "after", "what", "who"];
  const rows = entries.map(({ at, seconds, type, actor, text }) => ({
    cells: [formatTime(new Date(at)), formatDuration(seconds), type, actor ?? ""].map(printable),
    details: printable(text),
  }));
  const widths = heads.map((head, i) =>
    Math.max(displayWidth(head), ...rows.map(({ cells }) => displayWidth(cells[i])))
  );
  const lead = (cells: readonly string[]) =>
    cells.map((cell, i) => `${padEnd(cell, widths[i])}${GAP}`).join("");
  const indent = displayWidth(lead(heads));
  const lines = rows.flatMap(({ cells, details }) => {
    const start = lead(cells);
    if (width === null) return [`${start}${details}`.trimEnd()];
    const room = width - indent;
    const [first = "", ...rest] = wrap(details, Math.max(LEAST_DETAILS, room));
    return [`${start}${first}`.trimEnd(), ...rest.map((line) => " ".repeat(indent) + line)];
  });
  const from = file === null ? "" : ` ← ${printable(file)}`;
  const title = `Run #${id}  ${printable(importer)}${from}  ${status.replaceAll("_", " ")}`;
  return [
    style.bold(width === null ? title : truncate(title, width)),
    style.dim(`${lead(heads)}details`),
    ...lines,
  ];
}
