/**
 * How to read a delimited text file, with every `auto` resolved. It is stored with the run. A field
 * that runs of older versions lack is optional, and its absence means what those versions did.
 */
export interface CsvFormat {
  readonly type: "csv";
  /** One ASCII character, or a text of others, such as `||` and `¦`. */
  readonly delimiter: string;
  /** `lf` also reads CRLF. `cr` is for files that have no LF outside quotes. */
  readonly newline: "lf" | "cr";
  /** One ASCII character. Null: no character is a quote. Absent: `"`. */
  readonly quote?: string | null;
  /** The ASCII character that makes the next one ordinary, in quotes and outside them. */
  readonly escape?: string;
  /** The encoding that the file was converted from, for messages; absent if it was UTF-8. */
  readonly encoding?: string;
  /**
   * Absent: blanks outside quotes are data, a line ends with one CR at most, and a record with a
   * broken quote ends with the line on which the quote opened. The batches of a run that was
   * planned like that have to be read like that.
   */
  readonly grammar?: 2;
  /** Rows of delimiters and blanks only are no records. */
  readonly skip_empty_rows?: boolean;
  /** `fill`: missing cells at the end are empty, and surplus ones are dropped if they are. */
  readonly short_rows?: "fill";
  /** Lines that begin with this text are no records. */
  readonly comment?: string;
}
