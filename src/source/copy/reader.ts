import { invalidBytes, lineBreak, ragged } from "../defects.ts";
import {
  type Defect,
  FIELD_ESCAPED,
  FIELD_NOT_ASCII,
  FIELD_NULL,
  MAX_RECORD_BYTES,
  type RecordPosition,
} from "../record.ts";
import { LineReader } from "../lines/reader.ts";
import { BACKSLASH, type CopyFormat, LINE_RULES } from "./copy_format.ts";
import { unescaped } from "./escapes.ts";

const CR = 0x0d, LETTER_N = 0x4e, LETTER_X = 0x78, POINT = 0x2e;

/** Cuts lines that COPY has written into their values. */
export class CopyReader extends LineReader {
  readonly #delimiter: number;
  readonly #expected: number | null;
  readonly #badText: Defect;

  /** `expected`: how many fields a row has; null: any. */
  constructor(
    bytes: Uint8Array,
    { delimiter, encoding }: CopyFormat,
    at: RecordPosition,
    expected: number | null,
    maxRecordBytes: number = MAX_RECORD_BYTES,
  ) {
    super(
      bytes,
      { rules: LINE_RULES, fields: expected ?? MOST_COLUMNS, encoding, maxRecordBytes },
      at,
    );
    this.#delimiter = delimiter.charCodeAt(0);
    this.#expected = expected;
    this.#badText = invalidBytes();
  }

  protected override cut(isAscii: boolean): Defect | null {
    const { bytes, start, end } = this;
    const wide = isAscii ? 0 : FIELD_NOT_ASCII;
    let [fields, from, flags] = [0, start, wide];
    let isBroken = false;
    let namesBytes = false;
    for (let i = start; i <= end; i++) {
      const byte = i === end ? this.#delimiter : bytes[i];
      if (byte === BACKSLASH && i + 1 < end) {
        flags |= FIELD_ESCAPED;
        i++;
        namesBytes ||= bytes[i] === LETTER_X || (bytes[i] >= 0x30 && bytes[i] <= 0x37);
      } else if (byte === this.#delimiter) {
        const isNull = i - from === 2 && bytes[from] === BACKSLASH && bytes[from + 1] === LETTER_N;
        this.setField(fields++, from, isNull ? from : i, isNull ? FIELD_NULL : flags);
        [from, flags] = [i + 1, wide];
      } else if (byte === CR) isBroken = true;
    }
    this.fieldCount = fields;
    if (isBroken) return lineBreak("CR");
    if (end - start === 2 && bytes[start] === BACKSLASH && bytes[start + 1] === POINT) return END;
    if (this.#expected !== null && fields !== this.#expected) return ragged(fields, this.#expected);
    return namesBytes ? this.#badValue() : null;
  }

  protected override meaning(text: string, field: number): string {
    return (this.fieldFlags[field] & FIELD_ESCAPED) === 0 ? text : unescaped(text) ?? text;
  }

  /** Octal and hexadecimal digits may name bytes that are no text. */
  #badValue(): Defect | null {
    for (let field = 0; field < this.fieldCount; field++) {
      if ((this.fieldFlags[field] & FIELD_ESCAPED) === 0) continue;
      const text = this.buffer.toString("utf8", this.fieldStart[field], this.fieldEnd[field]);
      if (unescaped(text) === null) return { ...this.#badText, value: text };
    }
    return null;
  }
}

/** As many as a table of Postgres may have. */
const MOST_COLUMNS = 1600;

const END: Defect = {
  code: "malformed",
  message: "The line \\. ends what COPY has written, and there is more after it.",
};
