/** Writes a case's rows into a file of any format. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { DEFAULT_SOURCE } from "../../src/importer/complete/complete_source.ts";
import type { SourceRule } from "../../src/importer/source_rule.ts";
import { checksumOf } from "../../src/hooks/files.ts";
import type { HooksRule } from "../../src/importer/hooks_rule.ts";
import { makeZip } from "../source/unpack/make_zip.ts";
import { oneSheet, textRow } from "../source/xlsx/workbook.ts";
import type { Case, FileRow, Values } from "./reference_case.ts";
import { ERROR_CELL, REPEATED_KEY, SHORT_LINE } from "./reference_faults.ts";

/** Children are only in JSON. */
const NAMES = ["k", "email", "amount", "ref", "parent", "stamp", "city", "tag", "labels"] as const;
const HEADER = NAMES.join(",");

function textsOf(row: Values): readonly string[] {
  return NAMES.map((name) => row[name]);
}

export function fileText(rows: readonly FileRow[]): string {
  const lines = rows.map((row) => "ragged" in row ? row.ragged : textsOf(row).join(","));
  return [HEADER, ...lines, ""].join("\n");
}

export type FileFormat = "csv" | "hooked" | "xlsx" | "ndjson" | "json" | "copy" | "fixed" | Packing;

/** CSV, packed. */
export type Packing = "gzip" | "zstd" | "zip";

const PACKED: Readonly<Record<Packing, (text: string) => Uint8Array>> = {
  gzip: (text) => gzipSync(text),
  zstd: (text) => zstdCompressSync(text),
  zip: (text) => makeZip([{ name: "case.csv", content: text }]),
};

function isPacked(format: FileFormat): format is Packing {
  return Object.hasOwn(PACKED, format);
}

/** The same rows, in a workbook. */
function workbookOf(rows: readonly FileRow[]): Uint8Array<ArrayBuffer> {
  const cells = rows.map((row) =>
    "ragged" in row
      ? `<row><c><v>1</v></c><c t="e"><v>${row.ragged}</v></c></row>`
      : textRow(...textsOf(row))
  );
  return oneSheet(textRow(...HEADER.split(",")) + cells.join(""));
}

/** The same rows, as objects. Every other number is written as one; null stands for no value. */
function jsonOf(rows: readonly FileRow[], format: "ndjson" | "json"): string {
  const objects = rows.map((row, index) => {
    if ("ragged" in row) return row.ragged;
    const members = NAMES.map((name) => {
      const text = row[name];
      const isNumber = index % 2 === 0 && /^(?:0|[1-9]\d*)(?:\.\d+)?$/u.test(text);
      // Without a list, the row would say nothing of its labels.
      const isNull = text === "" && name !== "labels";
      const value = isNull ? "null" : isNumber ? text : JSON.stringify(text);
      return `${JSON.stringify(name)}: ${value}`;
    });
    return `{${members.join(", ")}, "items": ${JSON.stringify(row.items)}}`;
  });
  return format === "json" || rows.length === 0 ? `[${objects.join(",\n")}]` : objects.join("\n");
}

/** The same rows, as COPY writes them. */
function copyOf(rows: readonly FileRow[]): string {
  const lines = rows.map((row) =>
    "ragged" in row
      ? row.ragged.replaceAll(",", "\t")
      : textsOf(row).map((text) => text === "" ? "\\N" : text.replaceAll("\\", "\\\\")).join("\t")
  );
  return [HEADER.replaceAll(",", "\t"), ...lines, ""].join("\n");
}

/** More than any value has; a list of labels has several. */
const WIDTH = 6;
const WIDEST = 12;
const LIST = NAMES.length - 1;
const FIXED = NAMES.map((name, i) => ({
  name,
  start: WIDTH * i,
  end: WIDTH * i + (i === LIST ? WIDEST : WIDTH),
}));

/** The same rows, each value as wide as all others. */
function fixedOf(rows: readonly FileRow[]): string {
  const wide = (cells: readonly string[]) =>
    cells.map((text, i) => text.padEnd(i === LIST ? WIDEST : WIDTH)).join("");
  const lines = rows.map((row) => "ragged" in row ? row.ragged : wide(textsOf(row)));
  return [wide(NAMES), ...lines, ""].join("\n");
}

/** CSV in which two columns have changed places, and hooks that put each value back. */
const MIXED_HEADER = HEADER.replace("k,email", "email,k");
const HOOKS = `export default () => ({
  beforeRow(row) { [row.k, row.email] = [row.email, row.k]; },
})`;

async function writeHooked(rows: readonly FileRow[], path: string): Promise<HooksRule> {
  await Deno.writeTextFile(path, fileText(rows).replace(HEADER, MIXED_HEADER));
  const hooks = { file: "case.hooks.js", path: `${path}.hooks.js` };
  await Deno.writeTextFile(hooks.path, HOOKS);
  const uses = { rows: ["beforeRow"] as const, columns: [], afterBatch: false };
  return { ...hooks, checksum: await checksumOf(hooks.path), uses };
}

export interface CaseFile {
  readonly path: string;
  readonly source: Partial<SourceRule>;
  readonly hooks: HooksRule | null;
}

export async function writeCase(
  rows: readonly FileRow[],
  folder: string,
  format: FileFormat,
): Promise<CaseFile> {
  const path = `${folder}/case.${format}`;
  let hooks: HooksRule | null = null;
  let source: Partial<SourceRule> = { format: "csv" };
  if (format === "hooked") hooks = await writeHooked(rows, path);
  else if (format === "csv") await Deno.writeTextFile(path, fileText(rows));
  else if (isPacked(format)) await Deno.writeFile(path, PACKED[format](fileText(rows)));
  else if (format === "xlsx") {
    source = { format };
    await Deno.writeFile(path, workbookOf(rows));
  } else if (format === "copy") {
    source = { format, delimiter: "auto" };
    await Deno.writeTextFile(path, copyOf(rows));
  } else if (format === "fixed") {
    source = { format, fixed: FIXED };
    await Deno.writeTextFile(path, fixedOf(rows));
  } else {
    // JSON is recognised, as long as nothing says that it is delimited text.
    source = DEFAULT_SOURCE;
    await Deno.writeTextFile(path, jsonOf(rows, format));
  }
  return { path, source, hooks };
}

/**
 * In a workbook, a row with an error stands for one that has too few or too many fields; in JSON, one
 * that has a key twice; in columns of fixed width, one that is too short. COPY knows no quotes.
 */
export function inFormat(any: Case, format: FileFormat): Case {
  const each = format === "json" || format === "ndjson"
    ? any
    : { ...any, others: { ...any.others, items: null } };
  if (format === "hooked" && each.absent !== null) {
    // Nobody knows what the hooks would have made of the key of a row that fails.
    return { ...each, absent: { ...each.absent, despite: false } };
  }
  if (format === "csv" || format === "hooked" || isPacked(format)) return each;
  if (format === "copy") {
    const plain = (row: FileRow) =>
      "ragged" in row ? { ragged: row.ragged.replaceAll('"', "") } : row;
    return { ...each, rows: each.rows.map(plain) };
  }
  const ragged = format === "xlsx" ? ERROR_CELL : format === "fixed" ? SHORT_LINE : REPEATED_KEY;
  // A file in which nothing can be read is refused.
  if (format !== "xlsx" && format !== "fixed" && each.rows.every((row) => "ragged" in row)) {
    return { ...each, rows: [], absent: null };
  }
  return { ...each, rows: each.rows.map((row) => "ragged" in row ? { ragged } : row) };
}
