/** The keys of `options`, for editors. */
import type { ParsedDefinition } from "../schema.ts";
import type { HelpFor } from "./key_help.ts";

type Options = NonNullable<ParsedDefinition["options"]>;

const KEEP_HELP: HelpFor<Options["keep"]> = {
  failed_rows: { says: "When logged rows are removed.", example: "90d" },
  runs: { says: "When runs are removed, with all that belongs to them.", example: "1y" },
};

export const OPTION_HELP: HelpFor<Options> = {
  batch_rows: { says: "A batch ends at this many rows. Default: 50000.", example: 5000 },
  batch_bytes: { says: "A batch ends at this many bytes. Default: 4MB.", example: "1MB" },
  transaction: {
    says:
      "batch: good rows are loaded, bad rows are set aside. atomic: a row that fails takes its " +
      "whole batch with it. run: all rows of the file are loaded, or none. Default: batch.",
    example: "run",
  },
  release: {
    says:
      "manual: each run is held until somebody releases it. Needs transaction: run. Default: auto.",
    example: "manual",
  },
  hold_if: {
    says: "A run for which one of these holds is held until somebody releases it. Needs " +
      "transaction: run.",
    example: ["failed > 2%", "rows < 1000", "updated unusual", "null email > 5%", "absent > 100"],
  },
  log_rows: {
    says: "Which rows are kept in the ledger. With none, nothing can be retried. Default: failed.",
    example: "all",
  },
  strict_headers: {
    says: "true: a column of the definition that the file lacks fails the run.",
    example: true,
  },
  unmapped: {
    says:
      "What to do with columns of the file that nothing uses: ignore them, fail, or auto, which " +
      "matches them by name. Default: ignore.",
    example: "fail",
  },
  max_errors: {
    says: "Fail the run after so many failed rows, or after such a share of them.",
    example: "10%",
  },
  max_absent: {
    says:
      "If more rows of the table, or a larger share of those in scope, are not in the file, the " +
      "run is held until somebody releases it. Default: 5%.",
    example: "2%",
  },
  absent_despite_failures: {
    says:
      "true: on_absent also acts if rows of the file fail, as long as their keys can be read. " +
      "Needs hold_if: failed > … or release: manual. Default: false.",
    example: true,
  },
  sequences: {
    says: "When a sequence stands behind the rows: warn, or advance it. Default: warn.",
    example: "advance",
  },
  undo: {
    says:
      "What is remembered so that a run can be taken back: inserts, updates (also old values) " +
      "or off. Default: inserts.",
    example: "updates",
  },
  undo_for: { says: "How long that is kept. Default: 7d.", example: "4w" },
  once: { says: "true: a file that the importer has loaded is not loaded again.", example: true },
  keep: {
    says: "What is removed by itself, and when; forever keeps it.",
    example: { failed_rows: "90d", runs: "1y" },
    keys: KEEP_HELP,
  },
  hook_timeout: {
    says: "How long one call of a hook may take. Default: 10s.",
    example: "1m",
  },
  max_failed_rows_logged: {
    says: "Failed rows beyond so many are only counted. null: all are kept. Default: 1000000.",
    example: 100000,
  },
};
