/** Formats log entries as JSON lines, one object per line, for `jq` and log collectors. */
import { jsonText } from "./json_text.ts";

export interface LogEntry {
  readonly level: "info" | "warning" | "error";
  readonly message: string;
  readonly [field: string]: unknown;
}

/**
 * One line, including its line feed. The time comes first, then the fields that every entry has.
 */
export function formatLogLine(entry: LogEntry, now: Date = new Date()): string {
  const { level, message, ...fields } = entry;
  return `${jsonText({ time: now.toISOString(), level, message, ...fields })}\n`;
}
