/** One child of a row: a record whose fields are found by the first of several names. */
import { FIELD_NULL, type RecordCursor, type RecordReader } from "../../source/record.ts";

export class ChildCursor implements RecordCursor {
  readonly fieldCount: number;
  readonly fieldStart: Int32Array;
  readonly fieldEnd: Int32Array;
  readonly fieldFlags: Uint8Array;
  /** The number of the row that has the child. */
  row = 0;
  line = 0;
  #reader: RecordReader | null = null;
  readonly #sources: readonly (readonly number[])[];
  readonly #chosen: number[];

  /** `sources`: for each field, those of the reader, in the order in which they are preferred. */
  constructor(sources: readonly (readonly number[])[]) {
    this.#sources = sources;
    this.#chosen = sources.map(([first]) => first);
    this.fieldCount = sources.length;
    this.fieldStart = new Int32Array(sources.length);
    this.fieldEnd = new Int32Array(sources.length);
    this.fieldFlags = new Uint8Array(sources.length);
  }

  /** The reader's current record, as a child of this row. */
  look(reader: RecordReader, { row, line }: RecordCursor): this {
    this.#reader = reader;
    this.row = row;
    this.line = line;
    for (const [field, sources] of this.#sources.entries()) {
      const has = (source: number) => (reader.fieldFlags[source] & FIELD_NULL) === 0;
      const source = sources.find(has) ?? sources[0];
      this.#chosen[field] = source;
      this.fieldStart[field] = reader.fieldStart[source];
      this.fieldEnd[field] = reader.fieldEnd[source];
      this.fieldFlags[field] = reader.fieldFlags[source];
    }
    return this;
  }

  next(): boolean {
    return false;
  }

  get bytes(): Uint8Array {
    return this.#current.bytes;
  }

  get start(): number {
    return this.#current.start;
  }

  get end(): number {
    return this.#current.end;
  }

  get defect(): RecordCursor["defect"] {
    return this.#current.defect;
  }

  text(field: number): string {
    return this.#current.text(this.#chosen[field]);
  }

  get #current(): RecordReader {
    if (this.#reader === null) throw new Error("There is no child yet");
    return this.#reader;
  }
}
