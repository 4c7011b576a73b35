/** How to read a delimited text file, with every `auto` resolved. */
export interface CsvFormat {
  readonly type: "csv";
  /** One ASCII character. */
  readonly delimiter: string;
  /** `lf` also reads CRLF. `cr` is for files that have no LF at all. */
  readonly newline: "lf" | "cr";
}
