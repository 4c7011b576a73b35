/** A step of a run, from the log of a server, in a line for people. */
import type { LogEntry } from "../../observe/log_entry.ts";
import { formatCount, formatDuration, formatRows } from "../../report/numbers.ts";
import { printable } from "./terminal_text.ts";

export function runStep(entry: LogEntry): string {
  const { message, run_id, importer } = entry;
  if (run_id === undefined || importer === undefined) return printable(message);
  const run = `${run_id} (${printable(String(importer))})`;
  return message.startsWith("batch")
    ? `${message.replace("batch", `A batch of run ${run} was`)}.`
    : `Run ${run}: ${message.replace(/^run /u, "")}${detail(entry)}.`;
}

function detail(entry: LogEntry): string {
  const { message, by, file, rows, error, dry_run, ...end } = entry;
  const words = [
    dry_run === true ? ", a dry run" : "",
    typeof by === "string" ? ` by ${printable(by)}` : "",
    typeof file === "string" ? `, from ${printable(file)}` : "",
    typeof rows === "number" ? `, ${formatRows(rows)}` : "",
  ].join("");
  if (message === "run failed") return `${words}: ${reasonOf(error)}`;
  if (message === "run left to others") return leaving(entry);
  const counts = namesOf(end).flatMap(([name, shown]) => {
    const count = end[name];
    return typeof count === "number" ? [`${formatCount(count)} ${shown}`] : [];
  });
  const took = typeof end.seconds === "number" ? [formatDuration(end.seconds)] : [];
  const all = [...counts, ...took];
  return all.length === 0 ? words : `${words}: ${all.join(", ")}`;
}

function leaving({ host, because }: LogEntry): string {
  return printable(` by ${host}: ${because}`).replace(/\.$/u, "");
}

/** The counts of a run, and what they are called. */
function namesOf(end: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return end.deleted === undefined || end.absent !== undefined
    ? ["created", "updated", "skipped", "failed", "deleted", "marked"]
      .map((name) => [name, name] as const)
    : [["deleted", "deleted"], ["updated", "restored"], ["failed", "kept"]];
}

/** Without its full stop: the line has its own. */
function reasonOf(error: unknown): string {
  const isKnown = typeof error === "object" && error !== null && "message" in error;
  return printable(isKnown ? String(error.message) : "reason unknown").replace(/\.$/u, "");
}
