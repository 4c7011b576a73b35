/** Opens a file that is not packed, from its first bytes to a source that can be planned. */
import { resolve } from "node:path";
import type { SourceRule } from "../importer/source_rule.ts";
import { type Beginning, readBeginning } from "./beginning.ts";
import { looksBinary, refusalOf } from "./binary.ts";
import { Copies } from "./copies.ts";
import { chooseEncoding } from "./encoding/choose_encoding.ts";
import { utf8Stream } from "./encoding/convert.ts";
import { endOfWholeCharacters, SAMPLE_BYTES } from "./encoding/encoding.ts";
import { SourceError } from "./error.ts";
import {
  detectFormat,
  formatDoubts,
  inWordsOf,
  readHeader,
  rewritingOf,
  rewritingOfKnown,
  type SourceFormat,
} from "./format.ts";
import { withoutPadding } from "./file/padding.ts";
import { changed, readUpTo } from "./file/range.ts";
import { statFile } from "./file/stat_file.ts";
import type { WantedNames } from "./record_format.ts";
import { copySheet } from "./xlsx/open_workbook.ts";
import { FORMAT_NAMES, unusedSettings } from "./unused_settings.ts";
import { looksLikeWorkbook, refuseOtherFormat } from "./xlsx/recognise.ts";
import type { OpenedSource, ResolvedSource } from "./resolved_source.ts";

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
  const file = { path: original, name, size: before.size, isBeginning };
  const sample = await readSample(file, rule);
  const copies = new Copies(spoolFolder);
  try {
    const text = sample.isWorkbook
      ? await asSheet(file, rule, spoolFolder, copies)
      : await asUtf8(file, sample, rule, copies);
    const { path: readable, beginning, notes } = await asRecords(
      text,
      (path) => readBeginning(path, rule, name, text.known, isBeginning, wanted),
      { rule, name, copies },
    );
    if (!copies.areNone) {
      const after = await statFile(original, name);
      if (after.size !== before.size || after.mtime !== before.mtime) throw changed(name);
    }
    const described = describe(beginning, text.known, text.encoding, rule, name);
    refuseCondition(rule, described.format, name);
    const doubts = formatDoubts(beginning, described.format, rule, name);
    const left = leftOutAfterHeader(rule, described.data_line);
    const unused = unusedSettings(rule, described.format);
    const all = [...text.notes, ...doubts, ...unused, ...left, ...notes, ...beginning.notes];
    await copies.removeOthers();
    return {
      source: {
        ...{ path: readable, encoding: text.encoding },
        ...described,
        notes: inWordsOf(described.format, all),
      },
      identity: copies.identity,
      original: { path: original, size: before.size },
      isCut: isBeginning,
    };
  } catch (error) {
    await copies.removeAll();
    throw error;
  }
}

/** A file that is to be read. */
interface PlainFile {
  readonly path: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly isBeginning: boolean;
}

interface FirstBytes {
  readonly isWorkbook: boolean;
  /** The first bytes of the data, and how many there are in all. */
  readonly data: Uint8Array;
  readonly size: number;
}

/** Throws SourceError for what is no text, and no workbook either. */
async function readSample(
  { path, name, size, isBeginning }: PlainFile,
  rule: SourceRule,
): Promise<FirstBytes> {
  if (size === 0) throw new SourceError(`Cannot import ${name}: the file is empty.`);
  const sample = await readUpTo(path, 0, Math.min(SAMPLE_BYTES, size));
  const isWhole = !isBeginning && sample.length >= size;
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
  if (binary !== null) throw new SourceError(`Cannot import ${name}: ${refusalOf(binary)}`);
  return { isWorkbook, data, size: isWhole ? data.length : size };
}

/** The file, or its copy, as text in UTF-8. */
interface Text {
  readonly path: string;
  /** The original's. */
  readonly encoding: string;
  /** The format of a copy that was written in it. */
  readonly known: SourceFormat | null;
  readonly notes: readonly string[];
}

async function asSheet(
  { path, name, isBeginning }: PlainFile,
  rule: SourceRule,
  spoolFolder: string,
  copies: Copies,
): Promise<Text> {
  const copied = await copySheet(path, rule, spoolFolder, name, isBeginning);
  const { format: known, notes } = copied;
  return { path: copies.add(copied), encoding: "utf-8", known, notes };
}

async function asUtf8(
  { path, name }: PlainFile,
  { data, size }: FirstBytes,
  rule: SourceRule,
  copies: Copies,
): Promise<Text> {
  const { encoding, notes } = await chooseEncoding(
    { path, name, size, sample: data },
    rule.encoding,
  );
  const readable = encoding === "utf-8" ? path : await copies.convert(path, utf8Stream(encoding));
  return { path: readable, encoding, known: null, notes };
}

/** The text, or a copy whose records can be told apart. */
async function asRecords(
  { path, known }: Text,
  read: (path: string) => Promise<Beginning>,
  { rule, name, copies }: {
    readonly rule: SourceRule;
    readonly name: string;
    readonly copies: Copies;
  },
): Promise<{ path: string; beginning: Beginning; notes: readonly string[] }> {
  const beginning = await read(path);
  const rewriting = known === null
    ? rewritingOf(beginning, rule, name)
    : rewritingOfKnown(beginning, known, rule);
  if (rewriting === null) return { path, beginning, notes: [] };
  const copy = await copies.convert(path, rewriting.stream());
  return { path: copy, beginning: await read(copy), notes: rewriting.notes() };
}

/** Rows can only be left out where the file is copied without them. Throws SourceError. */
function refuseCondition({ when }: SourceRule, { type }: SourceFormat, name: string): void {
  if (when === undefined || type === "csv" || type === "xlsx") return;
  throw new SourceError(
    `Cannot import ${name}: source.when leaves out rows of delimited text and of workbooks only, and ` +
      `this is ${FORMAT_NAMES[type]}.`,
  );
}

function leftOutAfterHeader({ skip_after_header = 0 }: SourceRule, dataLine: number): string[] {
  if (skip_after_header === 0) return [];
  const [first, last] = [dataLine - skip_after_header, dataLine - 1];
  const lines = first === last ? `Line ${last} is` : `Lines ${first} to ${last} are`;
  return [`${lines} left out, as skip_after_header says.`];
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
