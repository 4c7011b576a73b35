/** The details of an event, in words. Later versions may know more events, and more of each. */
import type { Run } from "../ledger/runs/runs.ts";

type Details = Readonly<Record<string, unknown>>;
type RunOfEvent = Pick<
  Run,
  "original_filename" | "retried_from_run_id" | "undoes_run_id" | "dry_run"
>;

/** One line; empty if there is nothing to tell. */
export function eventText(type: string, details: Details | null, run: RunOfEvent): string {
  const words = Object.hasOwn(WORDS, type) ? WORDS[type] : null;
  if (words === null) return details === null ? "" : listed(details);
  // Earlier versions had no details for some of them.
  return words(details ?? {}, run).filter((part) => part !== "").join(", ");
}

type Words = (details: Details, run: RunOfEvent) => readonly string[];

const WORDS: Readonly<Record<string, Words>> = {
  created: (_, { original_filename: file, retried_from_run_id, undoes_run_id, dry_run }) => [
    retried_from_run_id !== null
      ? `to retry failed rows of run ${retried_from_run_id}`
      : undoes_run_id !== null
      ? `to undo run ${undoes_run_id}`
      : file ?? "",
    dry_run ? "dry run" : "",
  ],
  started: () => [],
  planned: ({ rows }) => [rowsText(rows)],
  "table changed": ({ changes }) => [
    Array.isArray(changes) ? changes.map(String).join("; ") : "",
  ],
  "cancel requested": wayOfCancel,
  "cancel now requested": wayOfCancel,
  cancelled: outcome,
  completed: outcome,
  failed: ({ message }) => [text(message)],
  "loading all rows": () => ["in one transaction"],
  "trying all rows": () => ["nothing of it will stay"],
  "looking for all failed rows": () => ["a row failed, so none will be loaded"],
  held: ({ because }) => [Array.isArray(because) ? because.map(String).join(" ") : ""],
  released: wayOfCancel,
  resumed: ({ was, max_errors }) => [
    was === undefined ? "" : `it was still ${text(was)}`,
    max_errors === undefined ? "" : `with max_errors ${limitText(max_errors)}`,
  ],
  "batch rescued": ({ batch, first_row, last_row, attempt }) => [
    batchText(batch, first_row, last_row),
    "its process was gone",
    attempt === undefined ? "" : `attempt ${text(attempt)}`,
  ],
  "batch given up": ({ batch, first_row, last_row }) => [batchText(batch, first_row, last_row)],
  retried: ({ retry, of, dry_run, file, only, rows }) => [
    `as run ${text(retry)}`,
    of === undefined ? "" : `which retries run ${text(of)}`,
    dry_run === true ? "dry run" : "",
    file === undefined ? "" : `with ${rowsText(rows)} of ${text(file)}`,
    only === undefined ? "" : `only ${rowsText(rows)}: ${text(only)}`,
  ],
  left: ({ host, because }) => [`${text(host)}: ${text(because)}`],
  waived: waiver,
  "waive undone": waiver,
  undone: ({ undo, dry_run }) => [`by run ${text(undo)}`, dry_run === true ? "dry run" : ""],
  "rows removed": ({ kept_for_days }) => [
    kept_for_days === undefined ? "" : `they were kept for ${text(kept_for_days)} days`,
  ],
  pruned: ({ rows }) => [`${rowsText(rows)} removed from the log`],
};

function wayOfCancel({ via, signal, now }: Details): readonly string[] {
  const how = via === "signal"
    ? `by a signal${signal === undefined ? "" : ` (${text(signal)})`}`
    : via === "api"
    ? "over the API"
    : via === "page"
    ? "on the page"
    : via === "retry"
    ? "to retry its rows in another run"
    : "";
  return [how, now === true ? "batches in progress are rolled back" : ""];
}

function waiver({ rows, words, reason }: Details): readonly string[] {
  const why = reason === undefined ? "" : `: ${text(reason)}`;
  return [`${rowsText(rows)} (${text(words)})${why}`];
}

/** What a dry run says of rows. */
const IF_DONE: Readonly<Record<string, string>> = {
  created: "would be created",
  updated: "would be updated",
  skipped: "would be skipped",
  failed: "would fail",
  deleted: "would be deleted",
  marked: "would be marked",
  restored: "would be restored",
  kept: "would be kept",
};

function outcome(details: Details, { dry_run }: RunOfEvent): readonly string[] {
  const { created, updated, skipped, failed, absent, deleted, marked, untried } = details;
  // Those of an undo are rows that its run has created.
  const counts = deleted === undefined || absent !== undefined
    ? Object.entries({
      ...{ created, updated, skipped, failed, deleted, marked },
      "never tried": untried,
    })
    : Object.entries({ deleted, restored: updated, kept: failed, "never tried": untried });
  return counts.flatMap(([what, count]) =>
    typeof count === "number" && count > 0
      ? [`${number(count)} ${dry_run && Object.hasOwn(IF_DONE, what) ? IF_DONE[what] : what}`]
      : []
  );
}

function batchText(batch: unknown, first: unknown, last: unknown): string {
  const rows = first === undefined ? "" : ` (rows ${text(first)} to ${text(last)})`;
  return `batch ${text(batch)}${rows}`;
}

function limitText(limit: unknown): string {
  if (limit === null) return "none";
  if (typeof limit !== "object") return text(limit);
  const { rows, percent } = limit as { rows?: unknown; percent?: unknown };
  return percent === undefined ? text(rows) : `${text(percent)}%`;
}

function listed(details: Details): string {
  return Object.entries(details).map(([name, value]) => `${name}: ${text(value)}`).join(", ");
}

function rowsText(rows: unknown): string {
  return rows === undefined ? "" : `${text(rows)} ${rows === 1 ? "row" : "rows"}`;
}

function text(value: unknown): string {
  if (typeof value === "number") return number(value);
  return typeof value === "string" ? value : JSON.stringify(value) ?? "";
}

function number(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}
