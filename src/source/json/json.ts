/** JSON: an array of objects, an object on each line (NDJSON), or objects one after the other. */
import type { RecordCursor, RecordPosition } from "../record.ts";
import type { FormatKind, JsonRecordFormat, RecordFormat } from "../record_format.ts";
import { JsonBoundaries } from "./boundaries.ts";
import { unescaped } from "./decode.ts";
import { displayRecord } from "./display.ts";
import { encodeRecord, replaceValues } from "./encode_record.ts";
import type { JsonFormat } from "./json_format.ts";
import { locate } from "./locate.ts";
import { pathOf, type PathTree, pathTree } from "./path_tree.ts";
import { JsonReader } from "./reader.ts";
import { settle } from "./settle.ts";
import { sniff } from "./sniff.ts";

export const JSON_KIND: FormatKind<JsonFormat> = {
  locate(sample, rule, file) {
    const sniffed = sniff(sample, rule, file.name);
    return sniffed === null ? Promise.resolve(null) : locate(sniffed, sample, rule, file);
  },

  detect: (sample, rule, name) => settle(sample, rule, name)?.format ?? null,

  rewriting: () => null,

  rewritingOf: () => null,

  doubts: (sample, _format, rule, name) => settle(sample, rule, name)?.notes ?? [],

  readHeader(sample, _format, rule) {
    const settled = settle(sample, rule, "");
    if (settled === null) return null;
    const { names, dataStart, dataLine } = settled;
    return { names, line: null, dataStart, dataLine };
  },

  reread: (format) => format,

  lineWord: "line",
  warnings: () => [],

  records: (format, header) => new JsonRecords(format, header),
};

class JsonRecords implements RecordFormat {
  readonly fields: number;
  readonly delimited = null;
  readonly cellDelimiter = ",";
  readonly cannotEncode =
    "a column shows a whole row that could not be read, or a value that is in " +
    "another column, and both are filled. Change only one of them.";
  readonly json: JsonRecordFormat;
  readonly unescaped = unescaped;
  readonly #format: JsonFormat;
  readonly #header: readonly string[];
  readonly #tree: PathTree;

  constructor(format: JsonFormat, header: readonly string[]) {
    this.fields = header.length;
    this.#format = format;
    this.#header = header;
    this.#tree = pathTree(header, format);
    this.json = {
      isLines: format.layout === "lines",
      paths: header.map((name) => pathOf(name, format)),
    };
  }

  reader(bytes: Uint8Array, at: RecordPosition, maxRecordBytes?: number): JsonReader {
    return new JsonReader(bytes, this.#format, this.#tree, this.fields, at, maxRecordBytes);
  }

  boundaries(maxRecordBytes?: number): JsonBoundaries {
    return new JsonBoundaries(this.#format, maxRecordBytes);
  }

  display(bytes: Uint8Array): (start: number, end: number) => Readonly<Record<string, string>> {
    const at = { offset: 0, line: 1, row: 1 };
    const reader = this.reader(bytes, at);
    return (start, end) => {
      reader.moveTo(start, end, at);
      return reader.next() ? displayRecord(reader, this.#header) : {};
    };
  }

  /** A stray quote can't swallow rows unnoticed: no text has a line end in it. */
  holdsRows(_record: RecordCursor): boolean {
    return false;
  }

  encode(values: readonly string[]): Uint8Array | null {
    return encodeRecord(values, this.#header, this.#format);
  }

  replace(record: Uint8Array, values: ReadonlyMap<number, string>): Uint8Array | null {
    return replaceValues(record, values, this.#header, this.#format);
  }
}
