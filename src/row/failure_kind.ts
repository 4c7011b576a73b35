import type { RowError } from "./outcome.ts";

/** Whether what `process` found is a row that can't be read at all, or values that fail checks. */
export function failureKind(errors: readonly RowError[]): "row" | "validation" {
  const unreadable = errors.some(({ code }) => code === "malformed" || code === "encoding");
  return unreadable ? "row" : "validation";
}
