import { Buffer } from "node:buffer";
import { withDamage } from "../damaged_text.ts";
import { invalidBytes, tooLong } from "../defects.ts";
import { firstInvalidUtf8 } from "../encoding/utf8.ts";
import { reachFrom, TOO_LONG, UNDECIDED } from "../reach.ts";
import {
  type Defect,
  FIELD_ESCAPED,
  FIELD_NOT_ASCII,
  FIELD_NULL,
  MAX_RECORD_BYTES,
  type RecordPosition,
  type RecordReader,
} from "../record.ts";
import { countLines, OPEN_OBJECT } from "./bytes.ts";
import { unescaped } from "./decode.ts";
import { brokenJson, noObject, noText, repeatedKey } from "./defects.ts";
import type { JsonFormat } from "./json_format.ts";
import type { PathNode, PathTree } from "./path_tree.ts";
import { NO_RECORD, RecordEnd } from "./record_end.ts";
import { ValueScanner } from "./value_scanner.ts";

/** Reads records from a piece of a source that begins and ends where `JsonBoundaries` says. */
export class JsonReader implements RecordReader {
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;
  line = 0;
  row = 0;
  defect: Defect | null = null;
  readonly fieldCount: number;
  readonly fieldStart: Int32Array;
  readonly fieldEnd: Int32Array;
  readonly fieldFlags: Uint8Array;

  readonly #buffer: Buffer;
  readonly #tree: PathTree;
  readonly #scanner: ValueScanner;
  readonly #record: RecordEnd;
  readonly #maxRecordBytes: number;
  readonly #invalidBytes: Defect;
  #next = 0;
  #length: number;
  #nextLine: number;
  #nextRow: number;

  /** `at`: the place of the first byte. `listsAll`: see ValueScanner. */
  constructor(
    bytes: Uint8Array,
    format: JsonFormat,
    tree: PathTree,
    fields: number,
    at: RecordPosition,
    maxRecordBytes: number = MAX_RECORD_BYTES,
    listsAll = false,
  ) {
    this.bytes = bytes;
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#tree = tree;
    this.fieldCount = fields;
    this.fieldStart = new Int32Array(fields);
    this.fieldEnd = new Int32Array(fields);
    this.fieldFlags = new Uint8Array(fields);
    const places = { start: this.fieldStart, end: this.fieldEnd, flags: this.fieldFlags };
    this.#scanner = new ValueScanner(tree, places, listsAll);
    this.#record = new RecordEnd(format.layout, this.#scanner, true);
    this.#maxRecordBytes = maxRecordBytes;
    this.#invalidBytes = invalidBytes(format.encoding);
    this.#length = bytes.length;
    this.#nextLine = at.line;
    this.#nextRow = at.row;
  }

  moveTo(start: number, end: number, at: RecordPosition): void {
    this.#next = start;
    this.#length = end;
    this.#nextLine = at.line;
    this.#nextRow = at.row;
  }

  get nextOffset(): number {
    return this.#next;
  }

  get nextLine(): number {
    return this.#nextLine;
  }

  /** The fields that the record has, even if they are `null`. Slow. */
  present(): number[] {
    const found: number[] = [];
    const visit = (node: PathNode) => {
      if (node.field >= 0 && this.#scanner.hasSeen(node)) found.push(node.field);
      for (const child of [...node.keys?.values() ?? [], ...node.items?.values() ?? []]) {
        visit(child);
      }
    };
    visit(this.#tree.root);
    return found;
  }

  /** The names of its values that are no fields. */
  get others(): readonly string[] {
    return this.#scanner.others;
  }

  next(): boolean {
    const { bytes } = this;
    const from = this.#next;
    if (from >= this.#length) return false;
    const reach = reachFrom(from, this.#maxRecordBytes, this.#length, true);
    const record = this.#record;
    // Fields that the record lacks stay like this.
    this.fieldStart.fill(from);
    this.fieldEnd.fill(from);
    this.fieldFlags.fill(FIELD_NULL);
    const next = record.find(bytes, from, reach);
    if (next === UNDECIDED) throw new Error("A record ends where its piece ends");
    if (next === NO_RECORD) {
      this.#nextLine += countLines(bytes, from, record.next);
      this.#next = record.next;
      return this.next();
    }
    this.row = this.#nextRow++;
    this.start = record.start;
    this.line = this.#nextLine + countLines(bytes, from, record.start);
    if (next === TOO_LONG) {
      const long = record.longRecord(bytes, from, reach.limit);
      const end = long.take(bytes, reach.limit, this.#length);
      this.#next = end === -1 ? this.#length : end;
      this.#nextLine += long.lines;
      this.end = reach.limit;
      this.defect = tooLong(this.#maxRecordBytes);
      return true;
    }
    this.end = record.end;
    this.#next = next;
    this.#nextLine += countLines(bytes, from, next);
    this.defect = this.#judge();
    return true;
  }

  text(field: number): string {
    const flags = this.fieldFlags[field];
    const encoding = (flags & FIELD_NOT_ASCII) === 0 ? "latin1" : "utf8";
    const value = this.#buffer.toString(encoding, this.fieldStart[field], this.fieldEnd[field]);
    return (flags & FIELD_ESCAPED) === 0 ? value : unescaped(value);
  }

  #judge(): Defect | null {
    const { bytes, start, end, fieldFlags, fieldCount } = this;
    const { problem } = this.#record;
    const { isWide, repeated, end: at } = this.#scanner;
    if (problem !== null) return brokenJson(problem, bytes, start, Math.min(at, end), end);
    if (bytes[start] !== OPEN_OBJECT) return noObject(bytes[start]);
    if (isWide && firstInvalidUtf8(bytes, start, end) !== -1) {
      return withDamage(this.#invalidBytes, this);
    }
    if (repeated !== null) return repeatedKey(repeated);
    for (let field = 0; field < fieldCount; field++) {
      if ((fieldFlags[field] & FIELD_ESCAPED) === 0) continue;
      const defect = noText(this.text(field), this, field);
      if (defect !== null) return defect;
    }
    return null;
  }
}
