import { Buffer } from "node:buffer";
import { withDamage } from "../damaged_text.ts";
import { invalidBytes, NUL_BYTE, tooLong } from "../defects.ts";
import { firstInvalidUtf8 } from "../encoding/utf8.ts";
import { reachFrom, TOO_LONG } from "../reach.ts";
import {
  type Defect,
  FIELD_NOT_ASCII,
  MAX_RECORD_BYTES,
  type RecordPosition,
  type RecordReader,
} from "../record.ts";
import { longLine } from "./boundaries.ts";
import { LineEnd, lineKind, type LineRules, withoutCarriageReturns } from "./line_rules.ts";

/** How many fields beyond those of the header have a place. */
const MOST_SURPLUS = 50;

export interface LineReading {
  readonly rules: LineRules;
  /** How many fields the header has. */
  readonly fields: number;
  /** The encoding that the file was converted from; absent if it was UTF-8. */
  readonly encoding?: string;
  readonly maxRecordBytes?: number;
}

/**
 * Reads records that are lines, from a piece of a source that begins and ends where `LineBoundaries`
 * says. A format says how a line is cut into fields, and what a field's bytes stand for.
 */
export abstract class LineReader implements RecordReader {
  readonly bytes: Uint8Array;
  start = 0;
  end = 0;
  line = 0;
  row = 0;
  fieldCount = 0;
  defect: Defect | null = null;
  readonly fieldStart: Int32Array;
  readonly fieldEnd: Int32Array;
  readonly fieldFlags: Uint8Array;

  protected readonly buffer: Buffer;
  readonly #rules: LineRules;
  readonly #lineEnd: LineEnd;
  readonly #invalidBytes: Defect;
  readonly #maxRecordBytes: number;
  #next = 0;
  #length: number;
  #nextLine: number;
  #nextRow: number;

  /** `at`: the place of the first byte. */
  constructor(bytes: Uint8Array, reading: LineReading, at: RecordPosition) {
    const { rules, fields, encoding, maxRecordBytes = MAX_RECORD_BYTES } = reading;
    this.bytes = bytes;
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#rules = rules;
    this.#lineEnd = new LineEnd(rules);
    this.#invalidBytes = invalidBytes(encoding);
    this.#maxRecordBytes = maxRecordBytes;
    this.fieldStart = new Int32Array(fields + MOST_SURPLUS);
    this.fieldEnd = new Int32Array(fields + MOST_SURPLUS);
    this.fieldFlags = new Uint8Array(fields + MOST_SURPLUS);
    this.#length = bytes.length;
    this.#nextLine = at.line;
    this.#nextRow = at.row;
  }

  /** Cuts the record into fields: sets `fieldCount`, and the ranges of fields. Returns its defect. */
  protected abstract cut(isAscii: boolean): Defect | null;

  /** A field's text, from its decoded bytes. */
  protected abstract meaning(text: string, field: number): string;

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

  next(): boolean {
    const { bytes } = this;
    const found = this.#lineEnd;
    while (this.#next < this.#length) {
      const start = this.#next;
      const reach = reachFrom(start, this.#maxRecordBytes, this.#length, true);
      const next = found.find(bytes, start, reach);
      const end = withoutCarriageReturns(bytes, start, found.stop);
      const isLong = next === TOO_LONG;
      if (isLong || lineKind(this.#rules, bytes, start, end) === "record") {
        this.start = start;
        this.end = isLong ? reach.limit : end;
        this.line = this.#nextLine;
        this.row = this.#nextRow++;
        this.fieldCount = 0;
        if (isLong) this.#passLong(start, reach.limit);
        else {
          this.#next = next;
          // An unterminated last line has no line end.
          this.#nextLine += found.lines - (found.stop === next ? 1 : 0);
          this.#read();
          // A record has at least one byte, so that it can be read again by itself.
          if (end === start) this.end = next;
        }
        return true;
      }
      this.#next = next;
      this.#nextLine += found.lines;
    }
    return false;
  }

  text(field: number): string {
    const encoding = (this.fieldFlags[field] & FIELD_NOT_ASCII) === 0 ? "latin1" : "utf8";
    const text = this.buffer.toString(encoding, this.fieldStart[field], this.fieldEnd[field]);
    return this.meaning(text, field);
  }

  /** Sets a field's range, if there is room for it. */
  protected setField(field: number, start: number, end: number, flags: number): void {
    if (field >= this.fieldStart.length) return;
    this.fieldStart[field] = start;
    this.fieldEnd[field] = end;
    this.fieldFlags[field] = flags;
  }

  #read(): void {
    const { bytes, start, end } = this;
    let bits = 0;
    let nul = false;
    for (let i = start; i < end; i++) {
      bits |= bytes[i];
      nul ||= bytes[i] === 0;
    }
    const isAscii = bits < 0x80;
    const isText = isAscii || firstInvalidUtf8(bytes, start, end) === -1;
    this.defect = this.cut(isAscii || !isText);
    if (!isText) this.defect = withDamage(this.#invalidBytes, this);
    else if (nul) this.defect = withDamage(NUL_BYTE, this);
  }

  #passLong(start: number, limit: number): void {
    const long = longLine(this.#rules, this.bytes, start, limit);
    const next = long.take(this.bytes, limit, this.#length);
    this.#next = next === -1 ? this.#length : next;
    this.#nextLine += this.#lineEnd.lines + long.lines;
    this.defect = tooLong(this.#maxRecordBytes);
  }
}
