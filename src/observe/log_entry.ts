/** Log entries as JSON lines: one object a line, for `jq` and log collectors. */

export interface LogEntry {
  readonly level: "info" | "warning" | "error";
  readonly message: string;
  readonly [field: string]: unknown;
}

/** One line, with its line end. The time comes first, then what is always there. */
export function formatLogLine(entry: LogEntry, now: Date = new Date()): string {
  const { level, message, ...fields } = entry;
  return `${JSON.stringify({ time: now.toISOString(), level, message, ...fields })}\n`;
}
