/** A definition that fits a file and its table, with what was found as comments. */
import type { Json } from "../../importer/document/definition_edit.ts";

/** What a definition says about a column, as it writes it. */
export type DraftRule = Readonly<Record<string, Json>>;

export interface DraftColumn {
  /** The table's column, and the file's. */
  readonly target: string;
  readonly source: string;
  readonly rule: DraftRule;
  /** What was found, a line each. */
  readonly comments: readonly string[];
  /** What the definition could say instead, as comments. */
  readonly instead: readonly DraftRule[];
}

export interface DraftSetting {
  readonly key: string;
  readonly value: Json;
  readonly comment: string | null;
}

export interface Draft {
  readonly table: string;
  /** About the whole, a line each. */
  readonly comments: readonly string[];
  readonly source: readonly DraftSetting[];
  /** Columns of the table. */
  readonly key: readonly string[];
  readonly keyComments: readonly string[];
  readonly identity: "keep" | null;
  readonly columns: readonly DraftColumn[];
  /** What stands below the columns, a line each. */
  readonly rest: readonly string[];
  /** What somebody should look at before the first run, in sentences. */
  readonly doubts: readonly string[];
}
