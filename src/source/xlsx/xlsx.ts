/** Workbooks of Excel, LibreOffice and others. Each is read from a copy of one of its sheets. */
import { CSV } from "../csv/csv.ts";
import { CsvReader } from "../csv/reader.ts";
import type { Defect, RecordCursor, RecordPosition } from "../record.ts";
import type {
  Delimited,
  FormatKind,
  RecordBoundaries,
  RecordFormat,
  Sample,
} from "../record_format.ts";
import type { SourceRule } from "../../importer/source_rule.ts";
import { cellDefect, isMarked, withoutMark } from "./cell_defect.ts";
import { asCsv, type XlsxFormat } from "./xlsx_format.ts";

export const XLSX: FormatKind<XlsxFormat> = {
  isCopied: true,
  detect: () => null,
  rewriting: () => null,
  doubts: () => [],

  rewritingOf: (sample, format, rule) => CSV.rewritingOf(sample, asCsv(format), rule),
  readHeader: (sample: Sample, format: XlsxFormat, rule: SourceRule) =>
    CSV.readHeader(sample, asCsv(format), rule),
  reread: (format) => format,
  warnings: () => [],
  lineWord: "row",
  records: (format, header) => new XlsxRecords(format, header),
};

class XlsxRecords implements RecordFormat {
  readonly fields: number;
  readonly cannotEncode: string;
  readonly delimited: Delimited | null;
  readonly cellDelimiter: string;
  readonly #format: XlsxFormat;
  readonly #header: readonly string[];
  readonly #csv: RecordFormat;

  constructor(format: XlsxFormat, header: readonly string[]) {
    this.#format = format;
    this.#header = header;
    this.#csv = CSV.records(asCsv(format), header);
    this.fields = this.#csv.fields;
    this.cannotEncode = this.#csv.cannotEncode;
    this.delimited = this.#csv.delimited;
    this.cellDelimiter = this.#csv.cellDelimiter;
  }

  reader(bytes: Uint8Array, at: RecordPosition, maxRecordBytes?: number): CsvReader {
    return new CellReader(bytes, this.#format, this.#header, at, maxRecordBytes);
  }

  boundaries(maxRecordBytes?: number): RecordBoundaries {
    return this.#csv.boundaries(maxRecordBytes);
  }

  display(bytes: Uint8Array): (start: number, end: number) => Readonly<Record<string, string>> {
    const show = this.#csv.display(bytes);
    return (start, end) => {
      const shown = show(start, end);
      return isMarked(bytes, start, end) ? withoutMark(shown) : shown;
    };
  }

  /** Its quotes are our own. */
  holdsRows(): boolean {
    return false;
  }

  encode(values: readonly string[]): Uint8Array | null {
    return this.#csv.encode(values);
  }
}

/** Says of a cell that has no value which one it is. */
class CellReader extends CsvReader {
  readonly #format: XlsxFormat;
  readonly #header: readonly string[];

  constructor(
    bytes: Uint8Array,
    format: XlsxFormat,
    header: readonly string[],
    at: RecordPosition,
    maxRecordBytes?: number,
  ) {
    super(bytes, asCsv(format), at, header.length, maxRecordBytes);
    this.#format = format;
    this.#header = header;
  }

  override next(): boolean {
    if (!super.next()) return false;
    if (this.defect?.code === "encoding") this.defect = this.#defect(this) ?? this.defect;
    return true;
  }

  #defect(record: RecordCursor): Defect | null {
    return cellDefect(record, this.#format, this.#header);
  }
}
