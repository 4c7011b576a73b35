import { CsvReader } from "./reader.ts";
import { BoundaryScanner } from "./boundaries.ts";
import { SourceError } from "../error.ts";
import type { Defect } from "../record.ts";
import type { Header } from "../record_format.ts";
import type { CsvFormat } from "./csv_format.ts";
import { passLines, readPreamble } from "./preamble.ts";

/**
 * Reads the header from the beginning of a source, or takes the given names. Skips `bomBytes`, then
 * `skipLines` physical lines, then empty lines; after the header, `skipAfter` more. `isWhole`: `bytes` is the whole file. Returns null
 * if the file is empty, with no header and only empty lines. If a file has only a header, its
 * `dataStart` is at the end, maybe before some empty lines.
 *
 * Throws SourceError if the header can't be read.
 */
export function readHeader(
  bytes: Uint8Array,
  format: CsvFormat,
  bomBytes: number,
  skipLines: number,
  header: true | readonly string[],
  isWhole: boolean,
  skipAfter = 0,
): Header | null {
  const preamble = readPreamble(bytes, format.newline, bomBytes, skipLines);
  if (preamble === null && !isWhole) throw tooFar(bytes.length);
  if (preamble === null) return null;
  const { start, line } = preamble;
  const after = (
    names: readonly string[],
    headerLine: number | null,
    dataStart: number,
    dataLine: number,
  ) => {
    const first = passLines(bytes, format.newline, dataStart, skipAfter);
    if (first === null && !isWhole) throw tooFar(bytes.length);
    return {
      names: uniqueNames(names),
      line: headerLine,
      dataStart: first ?? bytes.length,
      dataLine: dataLine + skipAfter,
    };
  };
  if (header !== true) return after(header, null, start, line);
  const scanner = new BoundaryScanner(format);
  scanner.advance(bytes, start, 1, Number.MAX_SAFE_INTEGER, isWhole);
  if (scanner.needMore) {
    throw tooFar(bytes.length);
  }
  const reader = new CsvReader(
    bytes.subarray(start, scanner.end),
    format,
    { offset: start, line, row: 0 },
    null,
  );
  if (!reader.next()) return null;
  if (reader.defect !== null) {
    throw new SourceError(
      `Cannot read the header on line ${reader.line}: ${inHeader(reader.defect)} ${
        ADVICE[reader.defect.code]
      }`,
    );
  }
  const names = Array.from({ length: reader.fieldCount }, (_, field) => reader.text(field));
  return after(names, reader.line, scanner.end, line + scanner.lines);
}

/**
 * Trims names. Blank ones become `column_3` (their position, from 1). Repeated ones become
 * `name_2`, `name_3`, …, skipping names of other columns.
 */
export function uniqueNames(names: readonly string[]): string[] {
  const written = new Set(names.map((name) => name.trim()));
  const taken = new Set<string>();
  // The next number to try: 40,000 equal names would take a minute if each began at 2.
  const next = new Map<string, number>();
  return names.map((name, i) => {
    const trimmed = name.trim();
    const wanted = trimmed === "" ? `column_${i + 1}` : trimmed;
    const repeated = taken.has(wanted) || (trimmed === "" && written.has(wanted));
    let unique = wanted;
    let n = next.get(wanted) ?? 2;
    while (repeated && (taken.has(unique) || written.has(unique))) unique = `${wanted}_${n++}`;
    next.set(wanted, n);
    taken.add(unique);
    return unique;
  });
}

function tooFar(bytes: number): SourceError {
  return new SourceError(
    `Cannot read the header: it does not end within the first ${bytes} bytes. ` +
      "Check that the file is delimited text, and check the quotes in its header.",
  );
}

const ADVICE: Readonly<Record<Defect["code"], string>> = {
  cell: "Mend that cell.",
  encoding: "Mend that line, or name the file's encoding with --encoding or in the definition.",
  malformed: "Mend that line, or say with --skip-lines how many lines come before the header.",
};

function inHeader({ message, value }: Defect): string {
  const text = value === undefined ? message : message.replace(/\.$/u, `: ${value}.`);
  return text.replace(/^The row holds/, "it holds").replace(/^The row (?=is|has)/, "it ")
    .replace(/^A quote/, "a quote");
}
