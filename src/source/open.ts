import { resolve } from "node:path";
import type { SourceRule } from "../importer/definition.ts";
import { looksBinary } from "./binary.ts";
import { readAnswer } from "./answer.ts";
import { chooseEncoding } from "./choose_encoding.ts";
import { SAMPLE_BYTES, utf8Marks } from "./encoding.ts";
import { SourceError } from "./error.ts";
import { detectFormat, readHeader, type SourceFormat } from "./format.ts";
import { findDataEnd, withoutPadding } from "./padding.ts";
import { changed, readUpTo } from "./range.ts";
import { transcode } from "./transcode.ts";

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
}

/** Is the source a copy of the file, which was converted? Then whoever opened it removes it. */
export function isConverted(source: ResolvedSource, path: string): boolean {
  return source.path !== resolve(path);
}

/** A source and what is known of the original's bytes. */
export interface OpenedSource {
  readonly source: ResolvedSource;
  /** See `Fingerprint`; null if not all of the file was read. */
  readonly fingerprint: string | null;
}

/**
 * Opens a local file for an import: detects what the definition doesn't say, reads the header, and
 * copies files that are not in UTF-8 into `spoolFolder` as UTF-8. `name` is the file's original
 * name if `path` is a copy of it.
 *
 * Throws SourceError if the file is missing, a folder, not readable, not text or empty, if its
 * header can't be read, or if the encoding is unknown.
 */
export async function resolveSource(
  path: string,
  rule: SourceRule,
  spoolFolder: string,
  name: string = path,
): Promise<OpenedSource> {
  const original = resolve(path);
  const before = await statFile(original, name);
  if (before.size === 0) throw new SourceError(`Cannot import ${name}: the file is empty.`);
  const sample = await readUpTo(original, 0, SAMPLE_BYTES);
  const isWhole = sample.length >= before.size;
  const data = isWhole ? withoutPadding(sample) : sample;
  const binary = looksBinary(data, rule.encoding);
  if (binary !== null) {
    throw new SourceError(
      `Cannot import ${name}: it is ${binary}, not text. Export or unpack it as CSV.`,
    );
  }

  const size = isWhole ? data.length : before.size;
  const file = { path: original, name, size, sample: data };
  const { encoding, notes } = await chooseEncoding(file, rule.encoding);
  if (encoding === "utf-8") {
    const described = await describe(original, encoding, before, rule, name);
    const all = [...notes, ...described.notes];
    return { source: { path: original, encoding, ...described, notes: all }, fingerprint: null };
  }
  const spooled = await transcode(original, encoding, spoolFolder);
  try {
    const after = await statFile(original, name);
    if (after.size !== before.size || after.mtime !== before.mtime) throw changed(name);
    const stat = await statFile(spooled.path, spooled.path);
    const path = resolve(spooled.path);
    const described = await describe(path, encoding, stat, rule, name);
    const source = { path, encoding, ...described, notes: [...notes, ...described.notes] };
    return { source, fingerprint: spooled.fingerprint };
  } catch (error) {
    await Deno.remove(spooled.path);
    throw error;
  }
}

interface FileStat {
  readonly size: number;
  readonly mtime: number | null;
}

async function statFile(path: string, name: string): Promise<FileStat> {
  try {
    const stat = await readAnswer(path, Deno.stat(path));
    if (stat.isDirectory) {
      throw new SourceError(`Cannot import ${name}: it is a folder. Name a file in it.`);
    }
    if (!stat.isFile) {
      throw new SourceError(`Cannot import ${name}: it is not a regular file. Copy it to one.`);
    }
    return { size: stat.size, mtime: stat.mtime?.getTime() ?? null };
  } catch (error) {
    // A path through a file (`a.csv/b.csv`) is "not a directory" to the system.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      throw new SourceError(`Cannot import ${name}: there is no such file. Check the path.`);
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new SourceError(
        `Cannot import ${name}: permission denied. Make its folder readable for this user.`,
      );
    }
    throw error;
  }
}

type Description = Required<Omit<ResolvedSource, "path" | "encoding">>;

/** `path`: a file in UTF-8, maybe converted from `encoding`. */
async function describe(
  path: string,
  encoding: string,
  stat: FileStat,
  rule: SourceRule,
  name: string,
): Promise<Description> {
  const { end, note } = await findDataEnd(path, stat.size);
  const bytes = await readUpTo(path, 0, Math.min(SAMPLE_BYTES, end));
  const beginning = { bytes, bomBytes: utf8Marks(bytes), isWhole: bytes.length >= end };
  const detected = detectFormat(beginning, rule, name);
  const format = encoding === "utf-8" ? detected : { ...detected, encoding };
  const header = readHeader(beginning, format, rule);
  if (header === null) {
    const where = rule.skip_lines === 0 ? "" : ` after the ${rule.skip_lines} lines of skip_lines`;
    throw new SourceError(`Cannot import ${name}: the file is empty${where}.`);
  }
  return {
    size: stat.size,
    mtime: stat.mtime,
    format,
    header: header.names,
    data_start: header.dataStart,
    data_line: header.dataLine,
    data_end: end,
    notes: note === null ? [] : [note],
  };
}
