import type { RowError } from "./outcome.ts";

/** Does the row fail as a whole (`row`), as if it is unreadable, or do its values fail checks (`validation`)? */
export function failureKind(errors: readonly RowError[]): "row" | "validation" {
  const isWhole = errors.some(({ code, column }) =>
    WHOLE_ROW.has(code) || (OF_HOOKS.has(code) && column === null)
  );
  return isWhole ? "row" : "validation";
}

/** What a hook says of a row as a whole is what the row fails for. */
const OF_HOOKS: ReadonlySet<string> = new Set(["hook", "hook_timeout"]);

const WHOLE_ROW: ReadonlySet<string> = new Set([
  "malformed",
  "no_table",
  "encoding",
  "cell",
  "batch_rolled_back",
]);
