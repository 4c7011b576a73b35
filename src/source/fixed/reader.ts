import { lineBreak } from "../defects.ts";
import { type Defect, FIELD_NOT_ASCII, MAX_RECORD_BYTES, type RecordPosition } from "../record.ts";
import { isBlank } from "../lines/line_rules.ts";
import { LineReader } from "../lines/reader.ts";
import { characterPlaces } from "./characters.ts";
import { type FixedFormat, type LineLength, lineLength, lineRulesOf } from "./fixed_format.ts";

const CR = 0x0d, TAB = 0x09;

/** Cuts lines into columns of a fixed width, counted in characters. */
export class FixedReader extends LineReader {
  readonly #format: FixedFormat;
  readonly #length: LineLength;

  constructor(
    bytes: Uint8Array,
    format: FixedFormat,
    at: RecordPosition,
    maxRecordBytes: number = MAX_RECORD_BYTES,
  ) {
    const { fields, encoding } = format;
    const rules = lineRulesOf(format);
    const reading = { rules, fields: fields.length, encoding, maxRecordBytes };
    super(bytes, reading, at);
    this.#format = format;
    this.#length = lineLength(fields);
  }

  protected override cut(isAscii: boolean): Defect | null {
    const { bytes, start, end } = this;
    const { fields, short_rows, keeps_blanks = false } = this.#format;
    const places = isAscii ? null : characterPlaces(bytes, start, end);
    const characters = places === null ? end - start : places.length - 1;
    const placeOf = (character: number) =>
      places === null
        ? start + Math.min(character, characters)
        : places[Math.min(character, characters)];
    let found = 0;
    for (const [index, field] of fields.entries()) {
      const place = placeOf(field.start);
      const [from, to] = withoutBlanks(
        bytes,
        place,
        Math.max(place, placeOf(field.end ?? characters)),
        keeps_blanks,
      );
      this.setField(index, from, to, places === null ? 0 : FIELD_NOT_ASCII);
      if (field.start < characters || fields.length === 1) found++;
    }
    const { least, most } = this.#length;
    // The last column may be empty, and its blanks left out.
    this.fieldCount = characters >= least ? fields.length : found;
    if (bytes.subarray(start, end).includes(CR)) return lineBreak("CR");
    if (characters < least && short_rows !== "fill") return this.#wrongLength(characters);
    if (characters <= most) return null;
    const rest = placeOf(most);
    if (isEmpty(bytes, rest, end)) return null;
    this.setField(fields.length, rest, end, places === null ? 0 : FIELD_NOT_ASCII);
    this.fieldCount = fields.length + 1;
    return this.#wrongLength(characters);
  }

  protected override meaning(text: string): string {
    return text;
  }

  #wrongLength(characters: number): Defect {
    const { least, most } = this.#length;
    const { bytes, start, end } = this;
    const has = characters === 1 ? "1 character" : `${characters} characters`;
    const are = most === Infinity
      ? `the last column begins after ${least}`
      : `its columns take ${most}`;
    const tabs = bytes.subarray(start, end).includes(TAB)
      ? " It holds tabs, each of which counts as one character."
      : "";
    return { code: "malformed", message: `The line has ${has} where ${are}.${tabs}` };
  }
}

/** A value of blanks only is none, even where they are data. */
function withoutBlanks(
  bytes: Uint8Array,
  start: number,
  end: number,
  keepsBlanks: boolean,
): readonly [number, number] {
  if (isEmpty(bytes, start, end)) return [start, start];
  if (keepsBlanks) return [start, end];
  let [from, to] = [start, end];
  while (isBlank(bytes[from])) from++;
  while (isBlank(bytes[to - 1])) to--;
  return [from, to];
}

/** Is there nothing but blanks? Then there is no value. */
function isEmpty(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!isBlank(bytes[i])) return false;
  return true;
}
