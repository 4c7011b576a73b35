/** What is known of a file once it is opened. */
import { resolve } from "node:path";
import type { SourceFormat } from "./format.ts";
import type { Identity } from "./file/identity.ts";

/** A source that can be planned: plain JSON, stored in the ledger, the same for all workers. */
export interface ResolvedSource {
  /** Absolute. If the file is in another encoding, this is the path of its copy in UTF-8. */
  readonly path: string;
  /** Bytes, and milliseconds since 1970, of the file at `path`. They reveal a change. */
  readonly size: number;
  readonly mtime: number | null;
  /** The original's encoding, by its canonical name. The file at `path` is UTF-8. */
  readonly encoding: string;
  readonly format: SourceFormat;
  /** Names of the fields, none blank, no two equal. */
  readonly header: readonly string[];
  /**
   * The physical line on which the header begins; null if the definition gives the names. Older
   * versions didn't store it.
   */
  readonly header_line?: number | null;
  /** Byte offset of the first row; equal to `size` if there is none. */
  readonly data_start: number;
  /** Physical line at `data_start`, from 1. */
  readonly data_line: number;
  /** Byte offset after the last row. Older versions didn't store it: then it is `size`. */
  readonly data_end?: number;
  /**
   * What was guessed or left out when the file was opened, in sentences: warnings of the run. Older
   * versions didn't store them.
   */
  readonly notes?: readonly string[];
  /** How it was unpacked, such as `members.csv, unpacked from orders.zip`. Absent: it was not packed. */
  readonly unpacked?: string;
  /**
   * Why this is not all of the file: when the run has read the source, it fails with this message.
   * Absent: it is all.
   */
  readonly broken?: string;
}

/** Is the source a copy of the file, which was converted? Then whoever opened it removes it. */
export function isConverted(source: ResolvedSource, path: string): boolean {
  return source.path !== resolve(path);
}

/** A source and what is known of the original's bytes. */
export interface OpenedSource {
  readonly source: ResolvedSource;
  /** Null if not all of the file was read. */
  readonly identity: Identity | null;
  /** The file itself, as it was when it was opened. */
  readonly original: { readonly path: string; readonly size: number };
  /** The source ends anywhere: there is more of the file than was looked at. */
  readonly isCut: boolean;
}
