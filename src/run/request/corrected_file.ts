/**
 * Reads a run's failed rows back from an edited `errors --export` file, in whatever encoding and
 * with whatever delimiter the spreadsheet saved it.
 */
import { DEFAULT_SOURCE } from "../../importer/complete.ts";
import type { SourceRule } from "../../importer/definition.ts";
import type { LoggedRow } from "../../ledger/rows.ts";
import type { Run } from "../../ledger/runs.ts";
import { type OwnColumns, ownColumns, sourceCells } from "../../report/failed_columns.ts";
import { unguardCell } from "../../report/spreadsheet.ts";
import { CopyWriter } from "../../row/copy_writer.ts";
import { isZip } from "../../source/binary.ts";
import { readUpTo } from "../../source/file/range.ts";
import { statFile } from "../../source/file/stat_file.ts";
import { SourceError } from "../../source/error.ts";
import { isConverted, type ResolvedSource } from "../../source/open.ts";
import { resolveSource } from "../../source/resolve.ts";
import type { RecordCursor } from "../../source/record.ts";
import { lineWord, recordFormat, type SourceFormat } from "../../source/format.ts";
import type { RecordFormat } from "../../source/record_format.ts";
import { assertUnchanged } from "../../source/unchanged.ts";
import { Refused } from "./refused.ts";
import { FileReader } from "../supply/file_reader.ts";

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
  const { source } = await resolveSource(path, await ruleFor(path, name), spoolFolder, opening);
  const removed = isConverted(source, path) ? source.path : null;
  try {
    // Whoever has corrected rows means all of them.
    if (source.broken !== undefined) {
      throw new SourceError(`Cannot retry run ${run.id}: ${source.broken}`);
    }
    const columns = findColumns(name, run, source.header.map(unguardCell));
    return new CorrectedFile(name, run, format, source, columns, removed);
  } catch (error) {
    if (removed !== null) await Deno.remove(removed);
    throw error;
  }
}

/** Where the file has each column, as indexes of its fields. */
interface Columns {
  readonly rowNumber: number;
  readonly runId: number;
  readonly own: OwnColumns;
  /** By field of the run's source. */
  readonly source: readonly number[];
  /** `column_4` and so on: surplus fields of rows. A field that still holds a value is kept. */
  readonly extra: readonly number[];
  readonly ignored: readonly string[];
}

function findColumns(name: string, run: Run, header: readonly string[]): Columns {
  const own = ownColumns(run.header);
  const needed = [...run.header, own.rowNumber, own.runId];
  const missing = needed.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new Refused(
      `Cannot retry run ${run.id}: ${name} has no column ${
        missing.map((column) => JSON.stringify(column)).join(", ")
      }. Edit the file that this writes, keeping all columns: ` +
        `ingest errors ${run.id} --export failed.csv`,
    );
  }
  const rest = header.filter((name) =>
    !needed.includes(name) && name !== own.errorMessage && name !== own.file
  );
  const isExtra = (name: string) => {
    const match = /^column_(\d+)$/u.exec(name);
    return match !== null && Number(match[1]) > run.header.length;
  };
  return {
    rowNumber: header.indexOf(own.rowNumber),
    runId: header.indexOf(own.runId),
    own,
    source: run.header.map((name) => header.indexOf(name)),
    extra: rest.filter(isExtra).map((name) => header.indexOf(name)),
    ignored: rest.filter((name) => !isExtra(name)),
  };
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
  /** What its lines are called. */
  readonly #line: string;

  constructor(
    name: string,
    run: Run,
    format: SourceFormat,
    source: ResolvedSource,
    columns: Columns,
    copy: string | null,
  ) {
    this.name = name;
    this.#run = run;
    this.#source = source;
    this.#columns = columns;
    this.#target = recordFormat(format, run.header);
    this.#copy = copy;
    this.#line = lineWord(source.format);
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
      `Cannot retry run ${this.#run.id}: ${this.name}, ${this.#line} ${line}: ${problem}`,
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

  /** The bytes that a failed row's exported line gives if nobody has changed it. */
  asExported(row: Pick<LoggedRow, "data">): Uint8Array | null {
    const { header } = this.#source;
    const extra = this.#columns.extra.map((field) => unguardCell(header[field]));
    return this.#encode(sourceCells(row, { source: this.#run.header, extra }));
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
    const cells = [...source, ...extra].map((field) => unguardCell(record.text(field)));
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
