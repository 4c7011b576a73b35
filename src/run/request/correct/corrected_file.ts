/**
 * Reads a run's failed rows back from an edited `errors --export` file, in whatever encoding and
 * with whatever delimiter the spreadsheet saved it.
 */
import { Buffer } from "node:buffer";
import { DEFAULT_SOURCE } from "../../../importer/complete/complete_source.ts";
import type { SourceRule } from "../../../importer/source_rule.ts";
import type { ReceivedRow } from "../../../ledger/edits/corrections.ts";
import type { Run } from "../../../ledger/runs/runs.ts";
import { sourceCells } from "../../../report/failed_columns.ts";
import { failedSheet, isCut, unguardCell, workbookCell } from "../../../report/spreadsheet.ts";
import { CopyWriter } from "../../../row/copy_writer.ts";
import { isZip } from "../../../source/binary.ts";
import { readUpTo } from "../../../source/file/range.ts";
import { statFile } from "../../../source/file/stat_file.ts";
import { SourceError } from "../../../source/error.ts";
import { isConverted, type ResolvedSource } from "../../../source/resolved_source.ts";
import { resolveSource } from "../../../source/resolve.ts";
import type { RecordCursor } from "../../../source/record.ts";
import { lineWord, recordFormat, type SourceFormat } from "../../../source/format.ts";
import type { RecordFormat } from "../../../source/record_format.ts";
import { assertUnchanged } from "../../../source/unchanged.ts";
import { type Columns, type FileKind, findColumns } from "./corrected_columns.ts";
import { Refused } from "../refuse/refused.ts";
import { FileReader } from "../../supply/file_reader.ts";

/** Detects encoding and delimiter, and takes every value as it is. */
const AS_FOUND: SourceRule = {
  ...DEFAULT_SOURCE,
  type: "file",
  format: "csv",
  null_values: [],
};

/** Text is CSV, whatever it looks like; a zip archive may be a workbook. */
async function ruleFor(path: string, name: string): Promise<SourceRule> {
  await statFile(path, name);
  return isZip(await readUpTo(path, 0, 4)) ? { ...AS_FOUND, format: "auto" } : AS_FOUND;
}

/** How much is sent to the database at once. */
const PIECE = { rows: 10_000, bytes: 1_000_000 };

/**
 * `name`: the file's own name, where `path` is a copy of it. `format`: in which the retry reads its
 * rows. Throws SourceError, and Refused if the file is not an export of this run.
 */
export async function openCorrectedFile(
  { path, name }: { readonly path: string; readonly name: string },
  run: Run,
  format: SourceFormat,
  { spoolFolder, maxUnpacked }: { readonly spoolFolder: string; readonly maxUnpacked?: number },
): Promise<CorrectedFile> {
  const opening = { name, maxUnpacked };
  const rule = await ruleFor(path, name);
  const sheet = failedSheet(run.id);
  const { source } = await resolveSource(path, rule, spoolFolder, opening).catch((error) => {
    // Somebody has added sheets to ours.
    const isOurs = error instanceof SourceError && error.choice?.setting === "sheet" &&
      error.choice.names.includes(sheet);
    if (!isOurs) throw error;
    return resolveSource(path, { ...rule, sheet }, spoolFolder, opening);
  });
  const removed = isConverted(source, path) ? source.path : null;
  try {
    // Whoever has corrected rows means all of them.
    if (source.broken !== undefined) {
      throw new SourceError(`Cannot retry run ${run.id}: ${source.broken}`);
    }
    const { format: found } = source;
    const isWorkbook = found.type === "xlsx";
    const kind = { isWorkbook, isPlain: isWorkbook && found.sheet === sheet };
    const columns = findColumns(name, run, source.header, kind);
    return new CorrectedFile({ name, run, format, source, columns, kind, copy: removed });
  } catch (error) {
    if (removed !== null) await Deno.remove(removed);
    throw error;
  }
}

export class CorrectedFile {
  readonly name: string;
  readonly warnings: readonly string[];
  readonly #run: Run;
  readonly #source: ResolvedSource;
  readonly #columns: Columns;
  /** How the retry's rows are written. */
  readonly #target: RecordFormat;
  /** A copy in UTF-8, which `close` removes. */
  readonly #copy: string | null;
  readonly #kind: FileKind;
  /** What its lines are called. */
  readonly lineWord: "line" | "row";

  constructor({ name, run, format, source, columns, kind, copy }: {
    readonly name: string;
    readonly run: Run;
    readonly format: SourceFormat;
    readonly source: ResolvedSource;
    readonly columns: Columns;
    readonly kind: FileKind;
    readonly copy: string | null;
  }) {
    this.name = name;
    this.#run = run;
    this.#source = source;
    this.#columns = columns;
    this.#target = recordFormat(format, run.header);
    this.#copy = copy;
    this.#kind = kind;
    this.lineWord = lineWord(source.format);
    const { ignored } = columns;
    const notes = (source.notes ?? []).map((note) => `${name}: ${note}`);
    this.warnings = ignored.length === 0 ? notes : [
      ...notes,
      `${name}: ${ignored.length === 1 ? "the column" : "the columns"} ${
        ignored.map((column) => JSON.stringify(column)).join(", ")
      } ${ignored.length === 1 ? "is" : "are"} not in run ${run.id}'s source and will be ignored.`,
    ];
  }

  /** The refusal of the file because of a problem on one of its lines. */
  refuse(line: number, problem: string): Refused {
    return new Refused(
      `Cannot retry run ${this.#run.id}: ${this.name}, ${this.lineWord} ${line}: ${problem}`,
    );
  }

  /** Yields lines for `copyCorrections`, piece by piece. Throws Refused and SourceError. */
  async *rows(): AsyncGenerator<Uint8Array> {
    const records = recordFormat(this.#source.format, this.#source.header);
    const reader = await FileReader.open(this.#source, null, PIECE);
    const out = new CopyWriter(PIECE.bytes);
    try {
      for (let piece = await reader.next(); piece !== null; piece = await reader.next()) {
        const at = { offset: 0, line: piece.line, row: 1 };
        const record = records.reader(piece.bytes, at);
        out.truncate(0);
        while (record.next()) this.#write(record, out);
        if (out.length > 0) yield out.view();
      }
    } finally {
      reader.close();
    }
    await assertUnchanged(this.#source);
  }

  /** Has it cells that begin like formulas, without a `'` before them? */
  get isPlain(): boolean {
    return this.#kind.isPlain;
  }

  /** What a file of this kind is called where an export is advised. */
  get exportName(): string {
    return `failed.${this.#kind.isWorkbook ? "xlsx" : "csv"}`;
  }

  /** The bytes that a failed row's exported line gives if nobody has changed it. */
  asExported(row: Pick<ReceivedRow, "data">): Uint8Array | null {
    return this.#encode(this.#exportedCells(row));
  }

  /**
   * The row with the texts of cells that nobody has changed, and that a workbook can't hold: those
   * that are too long, and line breaks with CR. Throws Refused if somebody has edited one that was
   * cut.
   */
  restored(row: ReceivedRow): ReceivedRow {
    const cells = this.#exportedCells(row);
    const returned = cells.map((cell) => this.#returned(cell));
    if (returned.every((cell, field) => cell === cells[field])) return row;
    const anew = (cells: string[]) => ({ ...row, received: this.#encode(cells) ?? row.received });
    const untouched = this.#encode([...returned]);
    if (untouched !== null && Buffer.compare(untouched, row.received) === 0) return anew(cells);
    const record = this.#target.reader(row.received, { offset: 0, line: 1, row: 1 });
    if (!record.next() || record.defect !== null) return row;
    return anew(Array.from({ length: record.fieldCount }, (_, field) => {
      const text = record.text(field);
      if (text === returned[field]) return cells[field];
      if (cells[field] !== returned[field] && isCut(text)) {
        throw this.refuse(
          row.line,
          `the cell of ${JSON.stringify(this.#run.header[field] ?? "a surplus value")} was cut, ` +
            "because a cell can't hold the whole text. Leave it as it was exported, write all of " +
            "the new text, or edit the rows as CSV.",
        );
      }
      return text;
    }));
  }

  async close(): Promise<void> {
    if (this.#copy !== null) await Deno.remove(this.#copy);
  }

  #write(record: RecordCursor, out: CopyWriter): void {
    if (record.defect !== null) throw this.refuse(record.line, record.defect.message);
    const { rowNumber, runId, own, source, extra } = this.#columns;
    // Spreadsheets like to leave blank rows after the last one.
    if (isBlank(record)) return;
    const run = record.text(runId).trim();
    if (run !== String(this.#run.id)) {
      throw this.refuse(record.line, wrongRun(own.runId, run, this.#run.id));
    }
    const row = record.text(rowNumber).trim();
    if (!/^[1-9][0-9]{0,14}$/u.test(row)) {
      throw this.refuse(
        record.line,
        `${own.rowNumber} is ${JSON.stringify(row)}, which is not a row number. ` +
          "Leave it as it was exported.",
      );
    }
    const bare = this.isPlain ? (text: string) => text : unguardCell;
    const cells = [...source, ...extra].map((field) => bare(record.text(field)));
    const encoded = this.#encode(cells);
    if (encoded === null) {
      throw this.refuse(record.line, this.#target.cannotEncode);
    }
    out.text(String(record.line));
    out.separator();
    out.text(row);
    out.separator();
    out.hex(encoded);
    out.endRow();
  }

  #exportedCells(row: Pick<ReceivedRow, "data">): string[] {
    const { header } = this.#source;
    const bare = this.isPlain ? (text: string) => text : unguardCell;
    const extra = this.#columns.extra.map((field) => bare(header[field]));
    return sourceCells(row, { source: this.#run.header, extra });
  }

  /** How a text comes back if nobody has changed it. Also a text may have been in a workbook. */
  #returned(text: string): string {
    const cell = workbookCell(text);
    return this.#kind.isWorkbook ? cell.replaceAll(/\r\n?/gu, "\n") : cell;
  }

  /** Drops trailing empty fields that the source has no column for. */
  #encode(cells: string[]): Uint8Array | null {
    const { source } = this.#columns;
    while (cells.length > source.length && cells[cells.length - 1] === "") cells.pop();
    return this.#target.encode(cells);
  }
}

function isBlank(record: RecordCursor): boolean {
  for (let field = 0; field < record.fieldCount; field++) {
    if (record.text(field).trim() !== "") return false;
  }
  return true;
}

function wrongRun(column: string, found: string, run: number): string {
  return /^[0-9]+$/u.test(found)
    ? `${column} is ${found}, so this row is from run ${found}, not run ${run}. ` +
      `If this is the right file, retry that run: ingest retry ${found} --file …`
    : `${column} is ${JSON.stringify(found)}, not ${run}. Leave it as it was exported.`;
}
