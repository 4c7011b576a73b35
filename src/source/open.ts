import { resolve } from "node:path";
import type { SourceRule } from "../importer/definition.ts";
import { looksBinary, refusalOf } from "./binary.ts";
import { chooseEncoding } from "./encoding/choose_encoding.ts";
import { convert, type Converted, utf8Stream } from "./encoding/convert.ts";
import { endOfWholeCharacters, SAMPLE_BYTES, utf8Marks } from "./encoding/encoding.ts";
import { SourceError } from "./error.ts";
import { findFooter } from "./footer.ts";
import {
  detectFormat,
  formatDoubts,
  inWordsOf,
  isCopied,
  locateRecords,
  newlineOf,
  readHeader,
  rewritingOf,
  rewritingOfKnown,
  type SourceFormat,
} from "./format.ts";
import type { Identity } from "./file/identity.ts";
import { findDataEnd, withoutPadding } from "./file/padding.ts";
import { changed, readUpTo } from "./file/range.ts";
import type { Sample, WantedNames } from "./record_format.ts";
import { type FileStat, statFile } from "./file/stat_file.ts";
import { copySheet } from "./xlsx/open_workbook.ts";
import { looksLikeWorkbook, refuseOtherFormat } from "./xlsx/recognise.ts";

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

/**
 * Opens a file that is not packed: detects what the definition doesn't say, reads the header, and
 * copies files that can't be read as they are into `spoolFolder`, in UTF-8. `name` is the file's
 * original name if `path` is a copy of it. `isBeginning`: it ends anywhere, since it is a file's first
 * bytes; of a workbook, the first rows are enough. `wanted`: what the definition calls the columns that
 * it reads.
 *
 * Throws SourceError if the file is missing, a folder, not readable, not text or empty, if its
 * header can't be read, or if the encoding is unknown.
 */
export async function openPlain(
  path: string,
  rule: SourceRule,
  spoolFolder: string,
  name: string = path,
  isBeginning = false,
  wanted: WantedNames = [],
): Promise<OpenedSource> {
  const original = resolve(path);
  const before = await statFile(original, name);
  if (before.size === 0) throw new SourceError(`Cannot import ${name}: the file is empty.`);
  const sample = await readUpTo(original, 0, SAMPLE_BYTES);
  const isWhole = !isBeginning && sample.length >= before.size;
  const data = isWhole
    ? withoutPadding(sample)
    : sample.subarray(0, isBeginning ? endOfWholeCharacters(sample) : sample.length);
  if (data.length === 0 && sample.includes(0)) {
    throw new SourceError(
      `Cannot import ${name}: it holds NUL bytes and no text, as a file does that was never ` +
        "written to the disk. Get it again from where it comes from.",
    );
  }
  const isWorkbook = looksLikeWorkbook(sample);
  refuseOtherFormat(isWorkbook, data, rule, name);
  const binary = isWorkbook ? null : looksBinary(data, rule.encoding);
  if (binary !== null) {
    throw new SourceError(`Cannot import ${name}: ${refusalOf(binary)}`);
  }

  const size = isWhole ? data.length : before.size;
  const file = { path: original, name, size, sample: data };
  const copies: Converted[] = [];
  const copy = async (from: string, conversion: TransformStream<Uint8Array, Uint8Array>) => {
    copies.push(await convert(from, conversion, spoolFolder));
    return resolve(copies[copies.length - 1].path);
  };
  try {
    let readable = original;
    let known: SourceFormat | null = null;
    const notes: string[] = [];
    let encoding = "utf-8";
    if (isWorkbook) {
      const copied = await copySheet(original, rule, spoolFolder, name, isBeginning);
      copies.push(copied);
      notes.push(...copied.notes);
      readable = resolve(copied.path);
      known = copied.format;
    } else {
      const chosen = await chooseEncoding(file, rule.encoding);
      encoding = chosen.encoding;
      notes.push(...chosen.notes);
      if (encoding !== "utf-8") readable = await copy(readable, utf8Stream(encoding));
    }
    const read = () => readBeginning(readable, rule, name, known, isBeginning, wanted);
    let beginning = await read();
    const rewriting = known === null
      ? rewritingOf(beginning, rule, name)
      : rewritingOfKnown(beginning, known, rule);
    if (rewriting !== null) {
      readable = await copy(readable, rewriting.stream());
      beginning = await read();
    }
    if (copies.length > 0) {
      const after = await statFile(original, name);
      if (after.size !== before.size || after.mtime !== before.mtime) throw changed(name);
    }
    const described = describe(beginning, known, encoding, rule, name);
    const after = leftOutAfterHeader(rule, described.data_line);
    // Of two copies, the first was only the second's original.
    for (const { path } of copies.slice(0, -1)) await Deno.remove(path);
    const doubts = formatDoubts(beginning, described.format, rule, name);
    const all = [...notes, ...doubts, ...after, ...(rewriting?.notes() ?? []), ...beginning.notes];
    const told = inWordsOf(described.format, all);
    const source = { path: readable, encoding, ...described, notes: told };
    return {
      source,
      identity: copies[0]?.original ?? null,
      original: { path: original, size: before.size },
      isCut: isBeginning,
    };
  } catch (error) {
    for (const { path } of copies) await Deno.remove(path);
    throw error;
  }
}

function leftOutAfterHeader({ skip_after_header = 0 }: SourceRule, dataLine: number): string[] {
  if (skip_after_header === 0) return [];
  const [first, last] = [dataLine - skip_after_header, dataLine - 1];
  const lines = first === last ? `Line ${last} is` : `Lines ${first} to ${last} are`;
  return [`${lines} left out, as skip_after_header says.`];
}

/** A header that a file would have if other lines were skipped before it. */
export interface OtherHeader {
  readonly skipLines: number;
  /** Its physical line. */
  readonly line: number;
  readonly names: readonly string[];
}

const LOOKED_AT_LINES = 30;

/** The headers that a source would have if more lines were skipped, from top to bottom. */
export async function otherHeaders(
  source: ResolvedSource,
  rule: SourceRule,
  name: string,
): Promise<OtherHeader[]> {
  const known = isCopied(source.format) ? source.format : null;
  const beginning = await readBeginning(source.path, { ...rule, skip_footer: 0 }, name, known);
  const found: OtherHeader[] = [];
  for (let more = 1; more <= LOOKED_AT_LINES; more++) {
    const skipLines = rule.skip_lines + more;
    const other = { ...rule, skip_lines: skipLines, skip_after_header: 0 };
    try {
      const header = readHeader(beginning, known ?? detectFormat(beginning, other, name), other);
      if (header === null) break;
      const { names, line, dataLine } = header;
      found.push({ skipLines, line: line ?? dataLine - 1, names });
    } catch (error) {
      // A line in the middle of a quoted value, for example, is no header.
      if (!(error instanceof SourceError)) throw error;
    }
  }
  return found;
}

interface Beginning extends Sample, FileStat {
  /** Byte offset after the data, and what comes after it, in sentences. */
  readonly end: number;
  readonly notes: readonly string[];
}

/** `path`: a file in UTF-8. `known`: the format of a copy. `isCut`: not all of it is there. */
async function readBeginning(
  path: string,
  rule: SourceRule,
  name: string,
  known: SourceFormat | null,
  isCut = false,
  wanted: WantedNames = [],
): Promise<Beginning> {
  const stat = await statFile(path, name);
  const { skip_footer = 0 } = rule;
  const data = await findDataEnd(path, stat.size);
  const footer = isCut || skip_footer === 0
    ? null
    : await findFooter(path, data.end, rule, known === null ? undefined : [newlineOf(known)]);
  const end = footer?.start ?? data.end;
  const notes = [data.note, footer?.note].filter((note) => typeof note === "string");
  const bytes = await readUpTo(path, 0, Math.min(SAMPLE_BYTES, end));
  const sample = {
    bytes,
    bomBytes: utf8Marks(bytes),
    isWhole: !isCut && bytes.length >= end,
    wanted,
  };
  const file = { path, name, end, isCut };
  const extent = known === null ? await locateRecords(sample, rule, file) : null;
  return { ...sample, extent, end: extent?.end ?? end, notes, ...stat };
}

type Description = Required<
  Omit<ResolvedSource, "path" | "encoding" | "notes" | "unpacked" | "broken">
>;

/** `known`: the format of a copy. `encoding`: the original's. */
function describe(
  beginning: Beginning,
  known: SourceFormat | null,
  encoding: string,
  rule: SourceRule,
  name: string,
): Description {
  const detected = known ?? detectFormat(beginning, rule, name);
  const format = encoding === "utf-8" ? detected : { ...detected, encoding };
  const header = readHeader(beginning, format, rule);
  if (header === null) {
    const where = rule.skip_lines === 0 ? "" : ` after the ${rule.skip_lines} lines of skip_lines`;
    const footer = (rule.skip_footer ?? 0) === 0 ? "" : " without its last lines (skip_footer)";
    throw new SourceError(`Cannot import ${name}: the file is empty${where}${footer}.`);
  }
  return {
    size: beginning.size,
    mtime: beginning.mtime,
    format,
    header: header.names,
    data_start: header.dataStart,
    header_line: header.line,
    data_line: header.dataLine,
    data_end: Math.max(beginning.end, header.dataStart),
  };
}
