import type { RowError } from "./outcome.ts";

/** Is the row unreadable (`row`), or do its values fail checks (`validation`)? */
export function failureKind(errors: readonly RowError[]): "row" | "validation" {
  const unreadable = errors.some(({ code }) => code === "malformed" || code === "encoding");
  return unreadable ? "row" : "validation";
}
