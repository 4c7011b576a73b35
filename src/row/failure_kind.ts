import type { RowError } from "./outcome.ts";

/** Is the row unreadable (`row`), or do its values fail checks (`validation`)? */
export function failureKind(errors: readonly RowError[]): "row" | "validation" {
  const isUnreadable = errors.some(({ code }) => UNREADABLE.has(code));
  return isUnreadable ? "row" : "validation";
}

const UNREADABLE: ReadonlySet<string> = new Set(["malformed", "encoding", "cell"]);
