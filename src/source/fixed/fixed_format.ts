import type { FixedField } from "../../importer/source_rule.ts";
import type { LineRules } from "../lines/line_rules.ts";

/** How lines of fixed width are read; stored with the run. They end with LF or CRLF. */
export interface FixedFormat {
  readonly type: "fixed";
  readonly fields: readonly FixedField[];
  /** Blanks around values are data, unless there is nothing else. Absent: they only fill columns. */
  readonly keeps_blanks?: true;
  /** Lines of blanks only are no records. */
  readonly skip_empty_rows?: boolean;
  /** `fill`: a line that ends early has no values in the columns that it lacks. */
  readonly short_rows?: "fill";
  /** Lines that begin with this text are no records. */
  readonly comment?: string;
  /** The encoding that the file was converted from, for messages; absent if it was UTF-8. */
  readonly encoding?: string;
}

export function lineRulesOf({ skip_empty_rows, comment = "" }: FixedFormat): LineRules {
  return {
    escape: -1,
    keepsEmpty: false,
    skipsBlank: skip_empty_rows === true,
    comment: new TextEncoder().encode(comment),
  };
}

/** In characters: what a line has to have at least, and what it may have at most. */
export interface LineLength {
  /** Where the last column begins, which may be short. */
  readonly least: number;
  /** Infinity if the last column takes the rest. */
  readonly most: number;
}

export function lineLength(fields: readonly FixedField[]): LineLength {
  return {
    least: Math.max(...fields.map(({ start }) => start)),
    most: Math.max(...fields.map(({ end }) => end ?? Infinity)),
  };
}
