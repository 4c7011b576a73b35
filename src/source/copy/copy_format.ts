import type { LineRules } from "../lines/line_rules.ts";

/**
 * How rows are read that are as COPY writes them in its text format; stored with the run. They end with
 * LF or CRLF.
 */
export interface CopyFormat {
  readonly type: "copy";
  /** One ASCII character. */
  readonly delimiter: string;
  /** Where the rows are in a dump; absent if they are the whole file. */
  readonly block?: CopyBlock;
  /** The encoding that the file was converted from, for messages; absent if it was UTF-8. */
  readonly encoding?: string;
}

export interface CopyBlock {
  /** As the dump names it, such as `public.orders`. */
  readonly table: string;
  readonly columns: readonly string[];
  /** Byte offset and physical line of the first row. */
  readonly start: number;
  readonly line: number;
}

export const BACKSLASH = 0x5c;

/** An empty line is a row of one empty text. */
export const LINE_RULES: LineRules = {
  escape: BACKSLASH,
  keepsEmpty: true,
  skipsBlank: false,
  comment: new Uint8Array(),
};
