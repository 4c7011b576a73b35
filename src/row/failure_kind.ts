import type { RowError } from "./outcome.ts";

/** Does the row fail as a whole (`row`), as if it is unreadable, or do its values fail checks (`validation`)? */
export function failureKind(errors: readonly RowError[]): "row" | "validation" {
  const isWhole = errors.some(({ code }) => WHOLE_ROW.has(code));
  return isWhole ? "row" : "validation";
}

const WHOLE_ROW: ReadonlySet<string> = new Set([
  "malformed",
  "encoding",
  "cell",
  "batch_rolled_back",
]);
