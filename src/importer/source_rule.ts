/** Where the rows of an import come from, and how they are read: the part `source` of a definition. */
import type { Condition } from "./condition/condition.ts";

/** What `source.format` may be; a file that is `auto` is recognised when it is opened. */
export const SOURCE_FORMATS = [
  "auto",
  "csv",
  "tsv",
  "xlsx",
  "json",
  "ndjson",
  "fixed",
  "copy",
] as const;

/** A column of fixed width, in characters from 0. */
export interface FixedField {
  readonly name: string;
  readonly start: number;
  /** After its last character. Null: it ends with the line. */
  readonly end: number | null;
}

/** Files that are fetched from elsewhere: `source.type`, and the schemes of its addresses. */
export const REMOTE_SCHEMES = { url: ["https", "http"], s3: ["s3"], sftp: ["sftp"] } as const;

export type RemoteType = keyof typeof REMOTE_SCHEMES;

/** A folder whose files are loaded one by one, as they come. */
export interface FolderRule {
  /** The folders that files are moved to once they are loaded, or have failed. */
  readonly done: string;
  readonly failed: string;
  /** What the file beside a file that is complete is called: `*.ok`, where `*` is the file's name. */
  readonly ready: string | null;
  /** Without such a file: milliseconds for which a file must not have changed. */
  readonly settle: number;
}

/** Those that read no file of the server's by themselves. */
export function takesUploads({ type }: Pick<SourceRule, "type">): boolean {
  return type === "upload" || type === "folder";
}

/** What happens if the source is due while a run of the importer is open. */
export const IF_RUNNING = ["skip", "wait"] as const;

/** When a source is loaded by itself: one of `every` and `cron` is given. */
export interface ScheduleRule {
  /** Milliseconds. */
  readonly every: number | null;
  /** A cron line, and the time zone in which it is meant. */
  readonly cron: string | null;
  readonly time_zone: string;
  readonly if_running: (typeof IF_RUNNING)[number];
}

export interface SourceRule {
  readonly type: "upload" | "file" | "folder" | RemoteType;
  readonly path: string | null;
  /** The address of a file that is fetched, in which `${NAME}` is not yet filled in. */
  readonly url?: string;
  /** For sftp: a file with a private key, in which `${NAME}` is not filled in. */
  readonly key?: string;
  /** Sent with the request for it, by name. `${NAME}` is not filled in. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Variables of the environment that `${NAME}` may mean in `url` and `headers`. */
  readonly env?: readonly string[];
  /** Bytes of a file that is fetched. Absent: as many as an upload may have. */
  readonly max_download?: number;
  readonly override: boolean;
  /** For `folder`: what happens to the files that `path` means. */
  readonly folder?: FolderRule;
  readonly schedule?: ScheduleRule;
  /** What files are called, with parts in braces for `${file.…}`. Absent: anything. */
  readonly file_name?: string;
  readonly format: (typeof SOURCE_FORMATS)[number];
  /** Of lines of fixed width: the columns, from left to right. */
  readonly fixed?: readonly FixedField[];
  /** A column says `trim: false`: blanks around the values of these columns are data. */
  readonly keeps_blanks?: true;
  /**
   * Where the array of rows is in a JSON document, as `data.items`, or whose rows are read of a dump.
   * Absent: found by itself.
   */
  readonly records?: string | null;
  /** Of a zip archive, the name of the member that is read, or a pattern. Absent: the only table. */
  readonly member?: string;
  /** Bytes that a packed file may become. Absent: as many as a table may need. */
  readonly max_unpacked?: number;
  /** `auto`, one character or several. */
  readonly delimiter: string;
  /** `auto`, `none` or one character. Runs of older versions lack it. */
  readonly quote?: string;
  /** The character that makes the next one ordinary. Runs of older versions lack it. */
  readonly escape?: string | null;
  /** `auto` or a canonical name (encoding_names.ts). */
  readonly encoding: string;
  /**
   * True: the first record is the header. Otherwise the names of the columns; none where the
   * definition or the file says them elsewhere.
   */
  readonly header: true | readonly string[];
  /** Of a workbook: its name, or its number from 1. Null or absent: the only one with cells. */
  readonly sheet?: string | number | null;
  readonly skip_lines: number;
  /** Physical lines between the header and the rows. Runs of older versions lack it. */
  readonly skip_after_header?: number;
  /** Lines at the end that are no rows; blank ones don't count. Runs of older versions lack it. */
  readonly skip_footer?: number;
  /** Regular expressions of rows that are no data. Runs of older versions lack it. */
  readonly skip_rows?: readonly string[];
  /** Rows for which it doesn't hold are left out. Absent: none are. */
  readonly when?: Condition;
  /** Rows of delimiters and blanks only are no rows. Runs of older versions lack it. */
  readonly skip_empty_rows?: boolean;
  /** What is done with a row that has too few cells. Runs of older versions lack it. */
  readonly short_rows?: "fail" | "fill";
  /** Lines that begin with this text are no rows. Runs of older versions lack it. */
  readonly comment?: string | null;
  /** Texts that mean null, with or without quotes. */
  readonly null_values: readonly string[];
  /** The definition itself says `null_values: [""]`, which JSON doesn't have by default. */
  readonly empty_is_null?: true;
  /** Texts that mean null unless they are in quotes, as in COPY. Absent: none. */
  readonly unquoted_nulls?: readonly string[];
}
